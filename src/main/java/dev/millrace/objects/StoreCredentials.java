package dev.millrace.objects;

import dev.millrace.net.MissingCredentials;
import dev.millrace.resource.Mutex;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The credentials that requests are signed with, renewed on a virtual thread beside the downloads:
 * whoever needs some gets those of a moment ago, and waits only where there are none. Owns its
 * provider. Thread-safe.
 */
final class StoreCredentials implements AutoCloseable {
    /** As old they are asked for again, while they are used on. */
    private static final Duration RENEW = Duration.ofSeconds(10);

    /** As old they are waited for: nobody has used any for a while. */
    private static final Duration STALE = Duration.ofSeconds(60);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Supplier<? extends AwsCredentialsProvider> providers;
    private final LongSupplier nanos;
    private final Mutex lock = new Mutex();
    private AwsCredentialsProvider provider;
    private long providerNs;
    private CompletableFuture<AwsCredentialsIdentity> running;
    private boolean closed;
    private volatile Known known;

    private record Known(AwsCredentialsIdentity identity, long atNs) {}

    /**
     * @param providers makes one, which may block
     */
    StoreCredentials(Supplier<? extends AwsCredentialsProvider> providers) {
        this(providers, System::nanoTime);
    }

    /**
     * @param nanos by which the age of credentials is told
     */
    StoreCredentials(Supplier<? extends AwsCredentialsProvider> providers, LongSupplier nanos) {
        this.providers = providers;
        this.nanos = nanos;
    }

    /** Throws {@link NoCredentialsException} with one line. */
    AwsCredentialsIdentity get() throws NoCredentialsException, InterruptedException {
        Known now = known;
        if (isYounger(now, RENEW)) {
            return now.identity;
        }
        CompletableFuture<AwsCredentialsIdentity> renewed = renew();
        if (isYounger(now, STALE)) {
            return now.identity;
        }
        try {
            return renewed.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new NoCredentialsException(
                    "the worker has no AWS credentials to sign with: "
                            + MissingCredentials.why(e.getCause()));
        } catch (TimeoutException e) {
            throw new NoCredentialsException(
                    "whoever gives the worker its AWS credentials did not answer in %s s; check the role of this machine"
                            .formatted(PATIENCE.toSeconds()));
        }
    }

    /** The store took them for expired: the next to come waits for others. */
    void refused(AwsCredentialsIdentity identity) {
        try (var _ = lock.hold()) {
            Known now = known;
            if (now != null && now.identity.equals(identity)) {
                known = null;
                if (nanos.getAsLong() - providerNs > RENEW.toNanos()) {
                    // It would go on to give those it has.
                    end(provider);
                    provider = null;
                }
            }
        }
    }

    private boolean isYounger(Known any, Duration age) {
        return any != null && nanos.getAsLong() - any.atNs <= age.toNanos();
    }

    /** Begins to ask for them, if nobody does. */
    private CompletableFuture<AwsCredentialsIdentity> renew() {
        try (var _ = lock.hold()) {
            // Somebody may have had them since the caller looked.
            if (running == null && isYounger(known, RENEW)) {
                return CompletableFuture.completedFuture(known.identity);
            }
            if (running == null) {
                CompletableFuture<AwsCredentialsIdentity> asked = new CompletableFuture<>();
                running = asked;
                Thread.ofVirtual().name("credentials").start(() -> ask(asked));
            }
            return running;
        }
    }

    private void ask(CompletableFuture<AwsCredentialsIdentity> asked) {
        try {
            AwsCredentialsIdentity identity = provider().resolveCredentials();
            known = new Known(identity, nanos.getAsLong());
            ended();
            asked.complete(identity);
        } catch (RuntimeException | Error e) {
            ended();
            asked.completeExceptionally(e);
        }
    }

    /** Before anybody hears of it, so that whoever comes then asks anew. */
    private void ended() {
        try (var _ = lock.hold()) {
            running = null;
        }
    }

    private AwsCredentialsProvider provider() {
        try (var _ = lock.hold()) {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            if (provider == null) {
                provider = providers.get();
                providerNs = nanos.getAsLong();
            }
            return provider;
        }
    }

    private static void end(AwsCredentialsProvider provider) {
        if (provider instanceof SdkAutoCloseable open) {
            open.close();
        }
    }

    @Override
    public void close() {
        try (var _ = lock.hold()) {
            closed = true;
            end(provider);
        }
    }
}
