package dev.millrace.deliver;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.net.ForbiddenAddressException;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HeadTooLargeException;
import dev.millrace.net.OwnRefusals;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Posts a result to its callback host: signed, tried a few times, and held while the host is down.
 * Runs on the thread of the message whose result it is. Thread-safe.
 */
final class CallbackCalls {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final GuardedHttp http;
    private final WebhookSigner signer;
    private final int attempts;
    private final long holdNs;
    private final CallbackHosts hosts;
    private final CallbackFailures failures;
    private final Counters counters;
    private final Retry retry;
    private volatile boolean draining;

    /**
     * @param http whose call timeout is that of one attempt
     * @param attempts per receive of a message
     * @param hold how long since its receipt a message may wait for a host that is down
     */
    CallbackCalls(
            GuardedHttp http,
            WebhookSigner signer,
            int attempts,
            Duration hold,
            CallbackHosts hosts,
            CallbackFailures failures,
            Counters counters) {
        this.http = http;
        this.signer = signer;
        this.attempts = attempts;
        this.holdNs = hold.toNanos();
        this.hosts = hosts;
        this.failures = failures;
        this.counters = counters;
        this.retry =
                Retry.of(
                        "callback",
                        RetryConfig.custom()
                                .maxAttempts(attempts)
                                .intervalFunction(
                                        IntervalFunction.ofExponentialRandomBackoff(
                                                FIRST_PAUSE, 2.0, 0.5))
                                .retryOnException(CallbackCalls::mayPass)
                                .build());
    }

    private static boolean mayPass(Throwable failure) {
        return switch (failure) {
            case CallbackRefusal refusal -> refusal.worthAnotherAttempt();
            case HostDownException _ -> false;
            case HeadTooLargeException _ -> false;
            case IOException e -> !ForbiddenAddressException.isIn(e);
            default -> false;
        };
    }

    /** Returns once the host has taken the result; throws why it has not. */
    void post(Message message, byte[] body) throws Exception {
        retry.executeCallable(attempt(message.request().callbackUrl(), message, body));
    }

    private Callable<Void> attempt(HttpUrl url, Message message, byte[] body) {
        CircuitBreaker breaker = hosts.breaker(url.host() + ":" + url.port());
        long untilNs = message.delivery().receivedNs() + holdNs;
        AtomicInteger number = new AtomicInteger();
        return () -> {
            int attempt = number.incrementAndGet();
            do {
                if (!hosts.await(breaker, untilNs, body.length)) {
                    throw new HostDownException(url.host());
                }
            } while (!isTaken(breaker, url, message, body, attempt));
            hosts.taken(breaker);
            return null;
        };
    }

    /** False where the host is down, so that the message is to be held; throws other failures. */
    private boolean isTaken(
            CircuitBreaker breaker, HttpUrl url, Message message, byte[] body, int attempt)
            throws IOException {
        long startNs = System.nanoTime();
        try {
            call(url, message.delivery().messageId(), body);
            breaker.onSuccess(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
            return true;
        } catch (IOException e) {
            counters.increment(Counter.CALLBACK_ERRORS);
            boolean down = isDown(breaker, e, System.nanoTime() - startNs);
            if (down || attempt < attempts && mayPass(e) && !draining) {
                failures.attemptAgain(
                        message,
                        url.host(),
                        e,
                        "attempt %d of %d; %s"
                                .formatted(
                                        attempt,
                                        attempts,
                                        down ? "held while it is down" : "tried again at once"));
            }
            if (down) {
                return false;
            }
            throw e;
        } catch (RuntimeException e) {
            breaker.releasePermission();
            throw e;
        }
    }

    private void call(HttpUrl url, String messageId, byte[] body) throws IOException {
        long epochSeconds = System.currentTimeMillis() / 1000;
        Request request =
                new Request.Builder()
                        .url(url)
                        .headers(signer.headers(messageId, epochSeconds, body))
                        .post(RequestBody.create(body, JSON))
                        .build();
        try (Response response = http.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                throw CallbackRefusal.of(response);
            }
        }
    }

    /** A host that says what it wants is up; one that is forbidden, or that we left, may be. */
    private boolean isDown(CircuitBreaker breaker, IOException failure, long tookNs) {
        if (failure instanceof CallbackRefusal refusal && refusal.isDeliberate()) {
            breaker.onSuccess(tookNs, TimeUnit.NANOSECONDS);
            return false;
        }
        if (draining || OwnRefusals.isIn(failure)) {
            breaker.releasePermission();
            return false;
        }
        breaker.onError(tookNs, TimeUnit.NANOSECONDS, failure);
        return breaker.getState() != CircuitBreaker.State.CLOSED;
    }

    /** From now on a call that fails says nothing about its host: the worker ends it. */
    void drain() {
        draining = true;
    }

    /** Whether a result was not posted because the worker ends. */
    boolean isEndedByDrain(Exception failure) {
        return draining || failure instanceof HostDownException && hosts.isClosed();
    }
}
