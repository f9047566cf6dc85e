package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What tracing costs: CPU of a worker's process per image with a share of the messages traced, over
 * that of one without tracing. Both are warm and work by turns, each at full load on a queue of its
 * own, and another one is first in each pair. A collector in this process takes the spans.
 *
 * <p>Arguments: the share, 0 to 1, pairs, and seconds of warm-up at full load.
 */
public final class TracingReport {
    private static final Duration MEASURE = Duration.ofSeconds(6);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final String TASK = "safety";
    private static final int PHOTOS = 100;
    private static final int BACKLOG = 1_000;

    private TracingReport() {}

    /** A worker with what surrounds it. */
    private record Side(Helpers helpers, ChildJvm worker) implements AutoCloseable {
        static Side open(List<String> flags) throws IOException {
            Helpers helpers =
                    new Helpers(
                            List.of(TASK),
                            ImageHostOptions.of(Duration.ZERO, Duration.ZERO, PHOTOS, 1),
                            Duration.ZERO,
                            0);
            List<String> arguments = new ArrayList<>(helpers.queue());
            arguments.add("--configuration=MILLRACE");
            arguments.addAll(List.of("--tasks=" + TASK, "--profile=THROUGHPUT"));
            arguments.addAll(List.of("--device=AUTO", "--gpu=0", "--simulate=2,0.25"));
            return new Side(helpers, new ChildJvm(flags, BenchWorker.class, arguments));
        }

        void warmUp(Duration time) throws IOException, InterruptedException {
            helpers.ask("fill " + BACKLOG);
            Thread.sleep(time);
            helpers.settle();
        }

        /** CPU-ms per image, without the compiler's. */
        double measure() throws IOException, InterruptedException {
            helpers.ask("fill " + BACKLOG);
            Thread.sleep(SETTLE);
            worker.ask("mark");
            Thread.sleep(MEASURE);
            JsonNode report = worker.ask("report");
            helpers.settle();
            return report.path("cpu_ms_per_image").asDouble()
                    - report.path("cpu_ms_per_image_by_role").path("JIT compiler").asDouble();
        }

        @Override
        public void close() throws IOException {
            worker.close();
            helpers.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        int pairs = Integer.parseInt(arguments[1]);
        Duration warmUp = Duration.ofSeconds(Long.parseLong(arguments[2]));
        AtomicInteger requests = new AtomicInteger();
        HttpServer collector = collector(requests);
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
        List<Double> without = new ArrayList<>();
        List<Double> with = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        try (Side off = Side.open(List.of());
                Side on =
                        Side.open(
                                List.of(
                                        "-Dotel.exporter.otlp.endpoint=" + endpoint,
                                        "-Dotel.traces.sampler=parentbased_traceidratio",
                                        "-Dotel.traces.sampler.arg=" + arguments[0]))) {
            off.warmUp(warmUp);
            on.warmUp(warmUp);
            for (int pair = 0; pair < pairs; pair++) {
                boolean offFirst = pair % 2 == 0;
                double one = (offFirst ? off : on).measure();
                double two = (offFirst ? on : off).measure();
                without.add(offFirst ? one : two);
                with.add(offFirst ? two : one);
                ratios.add(with.getLast() / without.getLast());
                System.err.printf(
                        Locale.ROOT,
                        "off %.3f, on %.3f CPU-ms per image%n",
                        without.getLast(),
                        with.getLast());
            }
        } finally {
            collector.stop(0);
        }
        if (requests.get() == 0) {
            throw new IllegalStateException("the collector got nothing, so nothing was traced");
        }
        System.out.println("off, CPU-ms per image: " + spread(without));
        System.out.println("on, CPU-ms per image: " + spread(with));
        System.out.println("on / off by pair: " + spread(ratios) + ", pairs: " + pairs);
        System.out.println("requests to the collector: " + requests);
    }

    private static HttpServer collector(AtomicInteger requests) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/v1/traces",
                exchange -> {
                    try (exchange) {
                        exchange.getRequestBody().readAllBytes();
                        requests.incrementAndGet();
                        exchange.sendResponseHeaders(200, -1);
                    }
                });
        server.start();
        return server;
    }

    private static String spread(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median =
                sorted.size() % 2 == 1
                        ? sorted.get(middle)
                        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return String.format(
                Locale.ROOT,
                "%.4f (%.4f to %.4f; middle half %.4f to %.4f)",
                median,
                sorted.getFirst(),
                sorted.getLast(),
                sorted.get(sorted.size() / 4),
                sorted.get(sorted.size() * 3 / 4));
    }
}
