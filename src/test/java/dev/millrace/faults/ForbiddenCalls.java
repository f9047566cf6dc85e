package dev.millrace.faults;

import com.lmax.disruptor.Sequence;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.deliver.CallbackClient;
import dev.millrace.deliver.CallbackSink;
import dev.millrace.deliver.MessageDeduplicator;
import dev.millrace.deliver.WebhookSigner;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.fetch.Fetcher;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostLimiter;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreSettings;
import dev.millrace.source.MalformedRequestException;
import dev.millrace.source.RequestParser;
import dev.millrace.testing.ForbiddenAddresses.Vector;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A worker's download and callback stages between strangers who lead them to forbidden hosts, and a
 * canary on every address of this machine. One address of loopback stands for the public internet.
 */
final class ForbiddenCalls implements AutoCloseable {
    private static final String PUBLIC = "127.0.0.9";
    private static final String TASK = "safety";
    private static final String ELSEWHERE = "https://elsewhere.example.com/";

    /** How a stranger brings a host in. */
    enum Way {
        URL,
        DNS_ANSWER,
        REDIRECT_1,
        REDIRECT_2,
        REDIRECT_3,
        /** A name that is public when it is first asked for. */
        REBINDING
    }

    private final List<Vector> vectors;
    private final HttpServer canary = HttpServer.create(new InetSocketAddress(0), 512);
    private final RawServer redirector =
            new RawServer(PUBLIC, 0, (head, out) -> redirect(head, out));
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final JobRing ring = ring();
    private final GuardedHttp http;
    private final Fetcher fetcher;
    private final CallbackClient callbacks;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final Map<Failure.Kind, LongAdder> endings = new ConcurrentHashMap<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger hits = new AtomicInteger();
    private final Set<String> vectorsHit = ConcurrentHashMap.newKeySet();

    /**
     * @param allowed blocks that may be called besides the address that stands for the internet
     */
    ForbiddenCalls(List<Vector> vectors, String... allowed) throws IOException {
        this.vectors = vectors;
        canary.setExecutor(threads);
        canary.createContext("/", this::sing);
        canary.start();
        List<Cidr> blocks =
                Stream.concat(Stream.of(PUBLIC), Stream.of(allowed)).map(Cidr::parse).toList();
        // The canary's port is allowed, so that only the address is in the way.
        UrlPolicy policy =
                new UrlPolicy(new AddressRules(blocks), Set.of(port()), Optional.empty());
        this.http = new GuardedHttp(policy, FetchLimits.DEFAULTS.http(8), this::resolve);
        Admission admission = new Admission(1000, 1 << 30, 1000, 60, 0);
        this.fetcher =
                new Fetcher(
                        FetchLimits.DEFAULTS,
                        http,
                        new HostLimiter(admission, _ -> 8),
                        new ObjectStore(StoreSettings.NONE, Optional.empty()),
                        http,
                        Map.of(TASK, ring),
                        admission,
                        1,
                        (_, _) -> {},
                        this::downloaded,
                        new Counters(),
                        new StageClock());
        this.callbacks =
                new CallbackClient(
                        _ -> new CallbackSink(http, WebhookSigner.of(List.of())),
                        1,
                        1,
                        Duration.ofSeconds(10),
                        1000,
                        new MessageDeduplicator(),
                        new Counters(),
                        new StageClock());
    }

    private static JobRing ring() {
        JobRing ring =
                new JobRing(
                        TASK,
                        8,
                        HostDevice.computing(1),
                        new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3)),
                        List.of(new TensorSpec("score", TensorSpec.Type.FLOAT32, List.of(1))));
        ring.gate(new Sequence());
        return ring;
    }

    private int port() {
        return canary.getAddress().getPort();
    }

    private void sing(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getLocalAddress().getAddress().equals(InetAddress.ofLiteral(PUBLIC))) {
                hits.incrementAndGet();
                vectorsHit.add(exchange.getRequestURI().getPath());
            }
            // A kept connection would stay with the first address of a name.
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(404, -1);
        }
    }

    /** Paths are {@code /hops/vector}. */
    private void redirect(List<String> head, OutputStream out) throws IOException {
        String[] path = head.getFirst().split(" ")[1].split("/");
        int hops = Integer.parseInt(path[1]);
        int vector = Integer.parseInt(path[2]);
        out.write(
                RawServer.redirect(
                        hops > 1
                                ? "/" + (hops - 1) + "/" + vector
                                : "http://" + vectors.get(vector).host() + target(vector)));
    }

    private String target(int vector) {
        return ":" + port() + "/" + vector;
    }

    /** Names are {@code way-vector.test}. */
    private List<InetAddress> resolve(String name) {
        String[] parts = name.split("[-.]");
        InetAddress open = InetAddress.ofLiteral(PUBLIC);
        return List.of(
                switch (parts[0]) {
                    case "redirecting" -> open;
                    case "answered" -> vectors.get(Integer.parseInt(parts[1])).address();
                    case "rebound" ->
                            known.add(name)
                                    ? open
                                    : vectors.get(Integer.parseInt(parts[1])).address();
                    // A number that a lenient resolver takes for an address.
                    default -> InetAddress.ofLiteral("127.0.0.1");
                });
    }

    private String url(int vector, Way way) {
        return "http://"
                + switch (way) {
                    case URL -> vectors.get(vector).host() + target(vector);
                    case DNS_ANSWER -> "answered-" + vector + ".test" + target(vector);
                    case REBINDING -> "rebound-" + vector + ".test" + target(vector);
                    case REDIRECT_1 -> redirecting(vector, 1);
                    case REDIRECT_2 -> redirecting(vector, 2);
                    case REDIRECT_3 -> redirecting(vector, 3);
                };
    }

    private String redirecting(int vector, int hops) {
        return "redirecting-%d.test:%d/%d/%d".formatted(vector, redirector.port(), hops, vector);
    }

    /** Has an image downloaded from every vector. */
    void download(Way way) throws InterruptedException {
        each(way, url -> message(url, ELSEWHERE).ifPresent(fetcher::accept));
    }

    /** Has a result posted to every vector. */
    void call(Way way) throws InterruptedException {
        each(
                way,
                url ->
                        message(ELSEWHERE, url)
                                .map(ForbiddenCalls::done)
                                .ifPresent(callbacks::accept));
    }

    private void each(Way way, Consumer<String> accept) throws InterruptedException {
        known.clear();
        for (int round = 0; round < (way == Way.REBINDING ? 2 : 1); round++) {
            for (int vector = 0; vector < vectors.size(); vector++) {
                accept.accept(url(vector, way));
            }
            Loopback.awaitUntil(() -> ended() == begun.get(), 60, () -> ended() + " ended");
        }
    }

    /** Empty where it is refused as it is read. */
    private Optional<Message> message(String url, String callback) {
        String id = Integer.toString(begun.incrementAndGet());
        String body =
                "{\"url\":\"%s\",\"task\":\"%s\",\"callback_url\":\"%s\"}"
                        .formatted(url, TASK, callback);
        try {
            return Optional.of(
                    new Message(
                            new Delivery(
                                    id,
                                    "receipt",
                                    1,
                                    System.currentTimeMillis(),
                                    System.nanoTime()),
                            RequestParser.parse(body, id, http.policy()),
                            (_, outcome) -> end(outcome)));
        } catch (FailureException e) {
            end(e.failure());
            return Optional.empty();
        } catch (MalformedRequestException e) {
            throw new AssertionError(body, e);
        }
    }

    private static Message done(Message message) {
        message.failAll(new Failure(Failure.Kind.CORRUPT_IMAGE, Stage.PREPROCESS, "for a test"));
        return message;
    }

    private void downloaded(Message message) {
        end(message.results().getFirst().failure().orElseThrow());
    }

    private void end(Outcome outcome) {
        end(
                switch (outcome) {
                    case Outcome.Rejected(Failure failure) -> failure;
                    case Outcome.Retry(Duration _, Failure failure) -> failure;
                    case Outcome.Delivered _, Outcome.Dropped _ ->
                            throw new AssertionError("nobody takes anything");
                });
    }

    private void end(Failure failure) {
        endings.computeIfAbsent(failure.kind(), _ -> new LongAdder()).increment();
    }

    private long ended() {
        return endings.values().stream().mapToLong(LongAdder::sum).sum();
    }

    long ended(Failure.Kind kind) {
        return endings.containsKey(kind) ? endings.get(kind).sum() : 0;
    }

    /** Requests that reached an address that they should not. */
    int hits() {
        return hits.get();
    }

    /** Vectors that led there at least once. */
    int vectorsHit() {
        return vectorsHit.size();
    }

    @Override
    public void close() throws IOException {
        try {
            fetcher.drain(Duration.ZERO);
            callbacks.drain(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
        ring.close();
        redirector.close();
        canary.stop(0);
        threads.shutdownNow();
    }
}
