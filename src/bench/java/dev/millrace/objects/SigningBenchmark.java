package dev.millrace.objects;

import dev.millrace.job.ObjectRef;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * What an object costs more than a URL before it is asked for: whether its bucket is allowed, where
 * it is, and the signature, with the credentials of a role.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class SigningBenchmark {
    private static final int CALLS = 20_000;
    private static final int ROUNDS = 7;

    private final ObjectRef object =
            new ObjectRef(
                    "photos",
                    "uploads/2026/11/27/a photo (1).jpg",
                    Optional.empty(),
                    Optional.of("9a0364b9e99bb480dd25e1f0284c8555"),
                    Optional.of("eu-central-1"));
    private ObjectStore store;

    /** A store on AWS. */
    @Setup
    public void open() {
        StoreSettings settings =
                new StoreSettings(
                        Optional.empty(),
                        Optional.of("eu-central-1"),
                        false,
                        List.of(new AllowedBucket("photos", Optional.of("123456789012"), "up")));
        store =
                new ObjectStore(
                        settings,
                        StoreHosts.of(Optional.<URI>empty()),
                        Optional.empty(),
                        new StoreCredentials(
                                () ->
                                        () ->
                                                AwsSessionCredentials.create(
                                                        "ASIAIOSFODNN7EXAMPLE",
                                                        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                                        "token".repeat(160))),
                        Clock.systemUTC());
    }

    @TearDown
    public void close() {
        store.close();
    }

    /** The whole. */
    @Benchmark
    public Object sign() throws Exception {
        AllowedBucket bucket = store.check(object);
        String region = store.region(object);
        HttpUrl url = store.url(object, region);
        return store.sign(url, object, bucket, region);
    }

    /** Without the signature. */
    @Benchmark
    public HttpUrl url() throws Exception {
        store.check(object);
        return store.url(object, store.region(object));
    }

    /**
     * Prints the CPU that an object takes in microseconds, which a busy machine does not change.
     */
    public static void main(String[] arguments) throws Exception {
        SigningBenchmark bench = new SigningBenchmark();
        bench.open();
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        for (int round = 0; round < ROUNDS; round++) {
            long start = clock.getCurrentThreadCpuTime();
            int bytes = 0;
            for (int i = 0; i < CALLS; i++) {
                bytes += bench.sign().hashCode() & 1;
            }
            long whole = clock.getCurrentThreadCpuTime();
            for (int i = 0; i < CALLS; i++) {
                bytes += bench.url().hashCode() & 1;
            }
            long url = clock.getCurrentThreadCpuTime() - whole;
            System.out.printf(
                    Locale.ROOT,
                    "an object takes %.1f us of CPU, %.1f of them for its URL (%d)%n",
                    (whole - start) / 1e3 / CALLS,
                    url / 1e3 / CALLS,
                    bytes);
        }
        bench.close();
    }
}
