package dev.millrace.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.lmax.disruptor.Sequence;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Job;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Screening;
import dev.millrace.job.StageClock;
import dev.millrace.job.Trace;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostLimiter;
import dev.millrace.net.HostList;
import dev.millrace.net.Resolver;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;

/** A fetch stage between a settlement that keeps a ledger and rings that nobody drains. */
final class FetchScene implements AutoCloseable {
    static final FetchLimits LIMITS =
            new FetchLimits(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    1 << 20,
                    3,
                    8,
                    1);
    static final int MAX_RECEIVES = 3;

    /** How a message ended. */
    record Ending(Message message, Outcome outcome) {}

    final Counters counters = new Counters();
    final StageClock clock = new StageClock();
    final BlockingQueue<Ending> endings = new LinkedBlockingQueue<>();
    final BlockingQueue<Message> completed = new LinkedBlockingQueue<>();
    final Admission admission;
    final Fetcher fetcher;
    private final Screens screening = new Screens();
    private final Map<String, JobRing> rings = new HashMap<>();
    private final GuardedHttp http;
    private final GuardedHttp objects;
    private final AtomicInteger ids = new AtomicInteger();

    private FetchScene(
            FetchLimits limits,
            long budget,
            int ringSize,
            Resolver resolver,
            ObjectStore store,
            List<Cidr> allowed,
            Optional<HttpUrl> server) {
        for (String task : List.of("a", "b")) {
            rings.put(task, ring(task, ringSize));
        }
        AddressRules rules = new AddressRules(allowed);
        this.http =
                new GuardedHttp(
                        new UrlPolicy(rules, Set.of(), Optional.empty()), limits.http(8), resolver);
        this.objects =
                server.map(
                                only ->
                                        new GuardedHttp(
                                                UrlPolicy.onlyServer(only),
                                                limits.http(8),
                                                resolver))
                        .orElse(http);
        this.admission = new Admission(1000, budget, 1000, 60, 0);
        this.fetcher =
                new Fetcher(
                        limits,
                        http,
                        new HostLimiter(
                                admission,
                                HostLimiter.cap(limits.perHost(), new HostList(List.of()))),
                        store,
                        objects,
                        rings,
                        admission,
                        MAX_RECEIVES,
                        screening,
                        completed::add,
                        counters,
                        clock);
    }

    static FetchScene of(FetchLimits limits) {
        return of(limits, 64L << 20, 64);
    }

    static FetchScene of(FetchLimits limits, long budget, int ringSize) {
        return of(limits, budget, ringSize, FetchScene::names, noObjects());
    }

    static FetchScene resolving(Resolver resolver) {
        return of(LIMITS, 64L << 20, 64, resolver, noObjects());
    }

    /** With all names on this machine, and objects of this store. */
    static FetchScene reading(ObjectStore store) {
        return of(LIMITS, 64L << 20, 64, FetchScene::names, store);
    }

    /** The same, where no address but public ones is allowed and the store is a private server. */
    static FetchScene readingFrom(HttpUrl server, ObjectStore store) {
        return new FetchScene(
                LIMITS, 64L << 20, 64, FetchScene::names, store, List.of(), Optional.of(server));
    }

    private static FetchScene of(
            FetchLimits limits, long budget, int ringSize, Resolver resolver, ObjectStore store) {
        return new FetchScene(
                limits,
                budget,
                ringSize,
                resolver,
                store,
                List.of(Cidr.parse("127.0.0.1")),
                Optional.empty());
    }

    private static ObjectStore noObjects() {
        return new ObjectStore(StoreSettings.NONE, Optional.empty());
    }

    private static List<InetAddress> names(String host) throws UnknownHostException {
        return switch (host) {
            case "unknown.test" -> throw new UnknownHostException(host);
            case "inside.test" -> List.of(InetAddress.ofLiteral("10.0.0.1"));
            default -> List.of(InetAddress.ofLiteral("127.0.0.1"));
        };
    }

    private static JobRing ring(String task, int size) {
        JobRing ring =
                new JobRing(
                        task,
                        size,
                        HostDevice.computing(1),
                        new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3)),
                        List.of(new TensorSpec("score", TensorSpec.Type.FLOAT32, List.of(1))));
        ring.gate(new Sequence());
        return ring;
    }

    /** Accepts a message; the first receive of it unless said otherwise. */
    Message accept(String url, String... tasks) {
        return accept(1, url, "https://sink.example.com/", tasks);
    }

    Message accept(ObjectRef object, String... tasks) {
        String id = "message-" + ids.incrementAndGet();
        return accept(
                1,
                new Request(
                        id,
                        object.toString(),
                        List.of(tasks),
                        new Destination.Callback(HttpUrl.get("https://sink.example.com/")),
                        Optional.empty(),
                        Optional.of(object)));
    }

    Message accept(int receiveCount, String url, String callback, String... tasks) {
        String id = "message-" + ids.incrementAndGet();
        return accept(
                receiveCount,
                new Request(
                        id,
                        url,
                        List.of(tasks),
                        new Destination.Callback(HttpUrl.get(callback)),
                        Optional.empty()));
    }

    private Message accept(int receiveCount, Request request) {
        Message message =
                new Message(
                        new Delivery(
                                request.id(),
                                "receipt",
                                receiveCount,
                                System.currentTimeMillis(),
                                System.nanoTime()),
                        request,
                        this::settled);
        fetcher.accept(message);
        return message;
    }

    /** Lets all images go on, and counts those that it was asked about. */
    static final class Screens implements Screening {
        volatile boolean passes = true;
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public void screen(Message message, byte[] body) {
            asked.incrementAndGet();
        }

        @Override
        public boolean passes(Message message) {
            return passes;
        }
    }

    Screens screening() {
        return screening;
    }

    /** Accepts an image that its caller has sent. */
    Message acceptOfCaller(byte[] body, String... tasks) throws InterruptedException {
        String id = "image-" + ids.incrementAndGet();
        Message message =
                new Message(
                        Delivery.ofCaller(id, System.nanoTime(), Trace.NONE),
                        new Request(
                                id, "", List.of(tasks), new Destination.Caller(), Optional.empty()),
                        this::settled);
        admission.acquire(1);
        admission.reserve(body.length);
        message.usage().body(body.length, admission);
        fetcher.accept(message, body);
        return message;
    }

    private void settled(Message message, Outcome outcome) {
        admission.release(message);
        endings.add(new Ending(message, outcome));
    }

    JobRing ring(String task) {
        return rings.get(task);
    }

    /** The job at a sequence, once it is published. */
    Job job(String task, long sequence) throws InterruptedException {
        JobRing ring = rings.get(task);
        if (!ring.await(() -> ring.isPublished(sequence), TimeUnit.SECONDS.toNanos(10))) {
            throw new AssertionError("job " + sequence + " of " + task + " never came");
        }
        return ring.get(sequence);
    }

    Ending ending() throws InterruptedException {
        Ending ending = endings.poll(15, TimeUnit.SECONDS);
        assertNotNull(ending, "no message was settled");
        return ending;
    }

    /** The failure with which the next message went to the callback; settles it as delivered. */
    Failure reported() throws InterruptedException {
        Message message = completed.poll(15, TimeUnit.SECONDS);
        assertNotNull(message, "no message came to the callback");
        Failure failure = message.results().getFirst().failure().orElseThrow();
        message.settle(new Outcome.Delivered());
        endings.remove();
        return failure;
    }

    /** The failure for which the next message is tried again. */
    Failure retried() throws InterruptedException {
        Ending ending = ending();
        if (ending.outcome() instanceof Outcome.Retry(Duration after, Failure failure)) {
            assertEquals(
                    failure.kind() == Failure.Kind.DRAINING
                            ? Duration.ZERO
                            : Duration.ofSeconds(30),
                    after);
            return failure;
        }
        throw new AssertionError("not to be tried again: " + ending.outcome());
    }

    @Override
    public void close() {
        try {
            fetcher.drain(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        http.close();
        objects.close();
        rings.values().forEach(JobRing::close);
    }
}
