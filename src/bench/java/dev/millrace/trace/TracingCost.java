package dev.millrace.trace;

import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import dev.millrace.job.TaskResult;
import dev.millrace.job.TraceParent;
import dev.millrace.job.Tracing;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import okhttp3.HttpUrl;

/**
 * CPU that tracing adds to a message, by itself: messages without anything to do begin, have a
 * result and an attempt to deliver it, and end, by turns without tracing and with a share of them
 * recorded and sent. The time is the process's, so that the SDK's threads are in it, and the
 * collector, which is in the process as well. {@link dev.millrace.lab.bench.TracingReport} measures
 * whole workers, of whose noise this is a small part.
 *
 * <p>Arguments: the share, 0 to 1, and pairs.
 */
public final class TracingCost {
    private static final int MESSAGES = 200_000;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Request REQUEST =
            new Request(
                    "id",
                    "https://images.test/a.jpg",
                    List.of("safety"),
                    new Destination.Callback(HttpUrl.get("https://results.test/")),
                    Optional.empty());

    private static long carried;

    private TracingCost() {}

    public static void main(String[] arguments) throws Exception {
        HttpServer collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        collector.createContext(
                "/v1/traces",
                exchange -> {
                    try (exchange) {
                        exchange.getRequestBody().readAllBytes();
                        exchange.sendResponseHeaders(200, -1);
                    }
                });
        collector.start();
        System.setProperty(
                "otel.exporter.otlp.endpoint",
                "http://127.0.0.1:" + collector.getAddress().getPort());
        System.setProperty("otel.traces.sampler", "parentbased_traceidratio");
        System.setProperty("otel.traces.sampler.arg", arguments[0]);
        List<Double> added = new ArrayList<>();
        try (Tracing on = Traces.open("http://localhost/images")) {
            // Until all is compiled.
            for (int i = 0; i < 3; i++) {
                perMessage(Tracing.OFF);
                perMessage(on);
            }
            for (int pair = 0; pair < Integer.parseInt(arguments[1]); pair++) {
                boolean offFirst = pair % 2 == 0;
                double one = perMessage(offFirst ? Tracing.OFF : on);
                double two = perMessage(offFirst ? on : Tracing.OFF);
                added.add(offFirst ? two - one : one - two);
                System.err.printf(Locale.ROOT, "%.3f, then %.3f%n", one, two);
            }
        }
        collector.stop(0);
        List<Double> sorted = added.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "CPU-microseconds added to a message: %.2f (%.2f to %.2f), %d pairs (%d)%n",
                sorted.get(sorted.size() / 2),
                sorted.getFirst(),
                sorted.getLast(),
                sorted.size(),
                carried);
    }

    /** CPU-microseconds. */
    private static double perMessage(Tracing tracing) throws InterruptedException {
        long startNs = SYSTEM.getProcessCpuTime();
        Settlement settlement = tracing.before((_, _) -> {});
        for (int i = 0; i < MESSAGES; i++) {
            long nowNs = System.nanoTime();
            Message message =
                    new Message(
                            new Delivery("m", "r", 1, 0, nowNs, tracing.begin(Optional.empty())),
                            REQUEST,
                            settlement);
            message.fetched(nowNs, nowNs);
            message.complete(
                    0,
                    new TaskResult(
                            "safety",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            new TaskResult.Times(nowNs, 0, 0, 0, 0, 0, nowNs)));
            message.calls().begin();
            carried += message.calls().current().map(TraceParent::header).orElse("").length();
            message.calls().end(nowNs, "");
            message.settle(new Outcome.Delivered());
            if (i % (MESSAGES / 50) == 0) {
                // As many as the SDK's queue holds are there at once, and none is dropped.
                Thread.sleep(50);
            }
        }
        Thread.sleep(200);
        return (SYSTEM.getProcessCpuTime() - startNs) / 1e3 / MESSAGES;
    }
}
