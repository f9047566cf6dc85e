package dev.millrace.deliver;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskGroup;
import dev.millrace.job.TaskResult;
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
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts results and settles messages, one virtual thread for each. A failure that may pass is tried
 * a few times here, then by the queue with growing pauses, then it is the dead letter queue's.
 */
public final class CallbackClient {
    private static final Logger LOG = LoggerFactory.getLogger(CallbackClient.class);
    private static final MediaType JSON = MediaType.get("application/json");
    private static final long MEMORY_BYTES = 16L << 20;
    private static final int LARGE_RESULT_BYTES = 64 << 10;
    private static final Duration MOST_PAUSE = Duration.ofHours(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final GuardedHttp http;
    private final WebhookSigner signer;
    private final Retry retry;
    private final int maxReceives;
    private final Counters counters;
    private final StageClock clock;
    private final TaskGroup tasks = new TaskGroup("callback");
    private final ResultWriter writer = new ResultWriter();
    private final MessageLog log = new MessageLog();
    private final ResultMemory memory = new ResultMemory(MEMORY_BYTES);
    private final CallbackHosts hosts;
    private final long holdNs;
    private final int attempts;
    private final CallbackFailures failures;
    private volatile boolean draining;

    /**
     * @param http whose call timeout is that of one attempt
     * @param attempts per receive of a message
     * @param maxReceives receives after which a failed task is reported instead of tried again
     * @param hold how long since its receipt a message may wait for a host that is down; its lease
     *     must last longer
     * @param maxHeld messages that may wait so
     */
    public CallbackClient(
            GuardedHttp http,
            WebhookSigner signer,
            int attempts,
            int maxReceives,
            Duration hold,
            int maxHeld,
            Counters counters,
            StageClock clock) {
        this.http = http;
        this.holdNs = hold.toNanos();
        this.hosts = new CallbackHosts(maxHeld, MEMORY_BYTES);
        this.attempts = attempts;
        this.failures = new CallbackFailures(LOG, counters);
        this.signer = signer;
        this.maxReceives = maxReceives;
        this.counters = counters;
        this.clock = clock;
        this.retry =
                Retry.of(
                        "callback",
                        RetryConfig.custom()
                                .maxAttempts(attempts)
                                .intervalFunction(
                                        IntervalFunction.ofExponentialRandomBackoff(
                                                FIRST_PAUSE, 2.0, 0.5))
                                .retryOnException(CallbackClient::mayPass)
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

    /** Takes over a message whose tasks all have a result. Returns at once. */
    public void accept(Message message) {
        tasks.start(() -> finish(message));
    }

    /**
     * Takes over a message that was received before and has a result, be it that the callback or
     * the deletion failed: it is posted again as it was, and nothing is computed again. Returns at
     * once, with false where there is no result.
     */
    public boolean repeat(Message message) {
        Optional<byte[]> kept = memory.get(message.delivery().messageId());
        kept.ifPresent(
                body -> {
                    counters.increment(Counter.REPEATED);
                    tasks.start(() -> settle(message, () -> timed(message, Result.kept(body))));
                });
        return kept.isPresent();
    }

    private void finish(Message message) {
        if (message.isSettled()) {
            // A drain that ran out of time has given it back.
            return;
        }
        settle(message, () -> again(message).orElseGet(() -> report(message)));
    }

    /** Whatever happens: a message that nobody settles keeps its permit for ever. */
    private static void settle(Message message, Supplier<Outcome> ending) {
        Outcome outcome;
        try {
            outcome = ending.get();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "message {}: the callback stage failed; the queue gives it out again",
                    message.delivery().messageId(),
                    e);
            outcome =
                    Outcome.Retry.backedOff(
                            message,
                            new Failure(
                                    Failure.Kind.CALLBACK_FAILED,
                                    Stage.CALLBACK,
                                    "the worker failed while it wrote the result; it is tried"
                                            + " again"));
        }
        message.settle(outcome);
    }

    /** Whether a task failed in a way that another attempt may mend. */
    private Optional<Outcome> again(Message message) {
        boolean last = message.delivery().receiveCount() >= maxReceives;
        for (TaskResult result : message.results()) {
            Failure.Kind kind = result.failure().map(Failure::kind).orElse(null);
            if (kind == Failure.Kind.DRAINING) {
                return Optional.of(Outcome.Retry.draining(result.failure().get().stage()));
            }
            if (kind != null && kind.retryable() && !last) {
                return Optional.of(again(message, result.failure().get()));
            }
        }
        return Optional.empty();
    }

    private Outcome again(Message message, Failure failure) {
        Outcome.Retry retry = Outcome.Retry.backedOff(message, failure);
        failures.taskAgain(message, retry, maxReceives);
        return retry;
    }

    private Outcome report(Message message) {
        if (message.leaseLost()) {
            // Somebody else may have the message by now, and one callback is enough.
            return new Outcome.Rejected(
                    new Failure(
                            Failure.Kind.LEASE_LOST,
                            Stage.CALLBACK,
                            "the lease of the message ended before its result"));
        }
        Result result = writer.result(message, System.nanoTime(), System.currentTimeMillis());
        result.failures().forEach(failure -> counters.failed(failure.kind()));
        memory.put(message.delivery().messageId(), result.body());
        if (result.body().length > LARGE_RESULT_BYTES) {
            message.held().result(result.body().length);
        }
        return timed(message, result);
    }

    private Outcome timed(Message message, Result result) {
        long startNs = System.nanoTime();
        Outcome outcome = post(message, result);
        clock.add(System.nanoTime() - startNs);
        return outcome;
    }

    private Outcome post(Message message, Result result) {
        try {
            HttpUrl url = http.policy().check(message.request().callbackUrl(), Stage.CALLBACK);
            retry.executeCallable(attempt(url, message, result.body()));
            counters.increment(Counter.CALLBACKS);
            log.finished(message, result.head(), "delivered");
            return new Outcome.Delivered();
        } catch (FailureException e) {
            log.finished(message, result.head(), "forbidden");
            return new Outcome.Rejected(e.failure());
        } catch (Exception e) {
            if (draining || e instanceof HostDownException && hosts.isClosed()) {
                return Outcome.Retry.draining(Stage.CALLBACK);
            }
            String reason = CallbackFailures.reason(e);
            log.finished(message, result.head(), "failed", reason);
            String why = "the callback for " + message.request().id() + " failed: " + reason;
            LOG.debug(why, e);
            return ForbiddenAddressException.isIn(e)
                    ? new Outcome.Rejected(
                            new Failure(Failure.Kind.URL_FORBIDDEN, Stage.CALLBACK, why))
                    : undelivered(message, why, e);
        }
    }

    private Outcome undelivered(Message message, String why, Exception cause) {
        Failure failure = new Failure(Failure.Kind.CALLBACK_FAILED, Stage.CALLBACK, why);
        Outcome.Retry retry = later(message, failure, cause);
        failures.undelivered(message, retry);
        return retry;
    }

    /** After the usual pause, or a longer one where the host asked for it. */
    private static Outcome.Retry later(Message message, Failure failure, Exception cause) {
        Outcome.Retry usual = Outcome.Retry.backedOff(message, failure);
        return cause instanceof CallbackRefusal refusal
                ? refusal.retryAfter()
                        .filter(asked -> asked.compareTo(usual.after()) > 0)
                        .map(asked -> asked.compareTo(MOST_PAUSE) < 0 ? asked : MOST_PAUSE)
                        .map(asked -> new Outcome.Retry(asked, failure))
                        .orElse(usual)
                : usual;
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

    /** Whether messages wait for callback hosts that are down while no other host takes any. */
    public boolean isDown() {
        return hosts.down();
    }

    /** Messages that wait for a callback host that is down. */
    public int held() {
        return hosts.held();
    }

    /** Messages in this stage. */
    public int inFlight() {
        return tasks.running();
    }

    /**
     * Lets what runs end until {@code timeout}, then gives the rest back. Nothing may be accepted
     * afterwards.
     */
    public void drain(Duration timeout) throws InterruptedException {
        hosts.close();
        if (!tasks.await(timeout)) {
            draining = true;
            tasks.interrupt();
            tasks.await(Duration.ofSeconds(1));
        }
    }
}
