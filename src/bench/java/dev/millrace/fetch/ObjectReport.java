package dev.millrace.fetch;

import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Room;
import dev.millrace.job.StageClock;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostLimiter;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.TestStores;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import okhttp3.HttpUrl;

/**
 * Downloads of signed objects from one bucket beside downloads of URLs from 50 hosts, from a server
 * of this process that answers after 30 ms, in turns. Prints the images a second of each and the
 * CPU of an image, the server's included, and the medians of the pairs.
 */
public final class ObjectReport {
    private static final Room ROOM =
            new Room() {
                @Override
                public int limit() {
                    return IN_FLIGHT;
                }

                @Override
                public int limitFor(int inCalls) {
                    return IN_FLIGHT;
                }
            };

    private static final int IN_FLIGHT = 256;
    private static final int HOSTS = 50;
    private static final int IMAGES = 8_000;
    private static final int PAIRS = 9;
    private static final Duration LATENCY = Duration.ofMillis(30);
    private static final byte[] IMAGE = new byte[60_000];

    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private final AtomicInteger failed = new AtomicInteger();
    private final Admission admission = new Admission(IN_FLIGHT, 256L << 20, IN_FLIGHT, 60, 0);
    private final Fetcher fetcher;

    private ObjectReport(GuardedHttp http, ObjectStore store) {
        JobEntrance end =
                (message, _, _) -> {
                    message.settle(new Outcome.Delivered());
                    return true;
                };
        this.fetcher =
                new Fetcher(
                        FetchLimits.DEFAULTS,
                        http,
                        new HostLimiter(ROOM, _ -> Integer.MAX_VALUE),
                        store,
                        http,
                        Map.of("a", end),
                        admission,
                        1,
                        (_, _) -> {},
                        message -> {
                            failed.incrementAndGet();
                            message.settle(new Outcome.Delivered());
                        },
                        new Counters(),
                        new StageClock());
    }

    /** Images a second, and the CPU of one in milliseconds. */
    private record Round(double rate, double cpu) {}

    private Round round(IntFunction<String> urls) throws InterruptedException {
        OperatingSystemMXBean process =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = process.getProcessCpuTime();
        long start = System.nanoTime();
        for (int i = 0; i < IMAGES; i++) {
            room.acquire();
            fetcher.accept(message(i, urls.apply(i)));
        }
        room.acquire(IN_FLIGHT);
        double seconds = (System.nanoTime() - start) / 1e9;
        room.release(IN_FLIGHT);
        return new Round(IMAGES / seconds, (process.getProcessCpuTime() - cpu) / 1e6 / IMAGES);
    }

    private Message message(int number, String url) {
        String id = "message-" + number;
        return new Message(
                new Delivery(id, "receipt", 1, System.currentTimeMillis(), System.nanoTime()),
                new Request(
                        id,
                        url,
                        List.of("a"),
                        new Destination.Callback(HttpUrl.get("https://sink.example.com/")),
                        Optional.empty()),
                (message, _) -> {
                    admission.release(message);
                    room.release();
                });
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Thread.sleep(LATENCY);
            exchange.sendResponseHeaders(200, IMAGE.length);
            exchange.getResponseBody().write(IMAGE);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /** Runs the pairs. */
    public static void main(String[] arguments) throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        AddressRules rules = new AddressRules(List.of(Cidr.parse("127.0.0.1")));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ObjectStore store =
                        TestStores.inPaths(
                                TestStores.at(
                                        server.getAddress().getPort(),
                                        List.of(AllowedBucket.of("photos"))),
                                TestStores.READER);
                GuardedHttp http =
                        new GuardedHttp(
                                new UrlPolicy(rules, Set.of(), Optional.empty()),
                                FetchLimits.DEFAULTS.http(IN_FLIGHT),
                                _ -> List.of(InetAddress.ofLiteral("127.0.0.1")))) {
            server.setExecutor(threads);
            server.createContext("/", ObjectReport::answer);
            server.start();
            int port = server.getAddress().getPort();
            ObjectReport report = new ObjectReport(http, store);
            IntFunction<String> plain =
                    i -> "http://images-%d.test:%d/uploads/%d.jpg".formatted(i % HOSTS, port, i);
            IntFunction<String> signed = "s3://photos/uploads/%d.jpg"::formatted;
            report.round(plain);
            report.round(signed);
            List<Double> rates = new ArrayList<>();
            List<Double> costs = new ArrayList<>();
            for (int pair = 0; pair < PAIRS; pair++) {
                boolean plainFirst = pair % 2 == 0;
                Round first = report.round(plainFirst ? plain : signed);
                Round second = report.round(plainFirst ? signed : plain);
                Round urls = plainFirst ? first : second;
                Round objects = plainFirst ? second : first;
                rates.add(objects.rate / urls.rate);
                costs.add(objects.cpu - urls.cpu);
                System.out.printf(
                        Locale.ROOT,
                        "50 hosts %.0f/s %.3f ms   one bucket %.0f/s %.3f ms   %.3f%n",
                        urls.rate,
                        urls.cpu,
                        objects.rate,
                        objects.cpu,
                        objects.rate / urls.rate);
            }
            System.out.printf(
                    Locale.ROOT,
                    "medians: %.3f of the images a second, %.3f ms of CPU more an image; %d failed%n",
                    median(rates),
                    median(costs),
                    report.failed.get());
            report.fetcher.drain(Duration.ofSeconds(5));
        } finally {
            server.stop(0);
        }
    }
}
