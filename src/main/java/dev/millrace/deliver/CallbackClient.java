package dev.millrace.deliver;

import dev.millrace.job.BugLog;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskGroup;
import dev.millrace.job.TaskResult;
import dev.millrace.net.ForbiddenAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings results to their destinations and settles messages, one virtual thread for each. A failure
 * that may pass is tried a few times here, then by the queue with growing pauses, then it is the
 * dead letter queue's.
 */
public final class CallbackClient {
    private static final Logger LOG = LoggerFactory.getLogger(CallbackClient.class);
    private static final long MAX_HELD_BYTES = 16L << 20;
    private static final int LARGE_RESULT_BYTES = 64 << 10;
    private static final Duration MAX_PAUSE = Duration.ofHours(1);

    private final int maxReceives;
    private final Counters counters;
    private final StageClock clock;
    private final TaskGroup tasks = new TaskGroup("callback");
    private final ResultWriter writer = new ResultWriter();
    private final BugLog bugs = new BugLog(LOG, Level.ERROR);
    private final MessageDeduplicator duplicates;
    private final CallbackHosts hosts;
    private final CallbackFailures failures;
    private final CallbackCalls calls;
    private volatile MessageLog log = new MessageLog(1);

    /**
     * @param sinks which destination has which
     * @param attempts per receive of a message
     * @param maxReceives receives after which a failed task is reported instead of tried again
     * @param hold how long since its work began a message may wait for a host that is down; its
     *     lease must last longer
     * @param maxHeld messages that may wait so
     * @param duplicates keeps the results
     */
    public CallbackClient(
            Function<Destination, ResultSink> sinks,
            int attempts,
            int maxReceives,
            Duration hold,
            int maxHeld,
            MessageDeduplicator duplicates,
            Counters counters,
            StageClock clock) {
        this.maxReceives = maxReceives;
        this.duplicates = duplicates;
        this.counters = counters;
        this.clock = clock;
        this.hosts = new CallbackHosts(maxHeld, MAX_HELD_BYTES);
        this.failures = new CallbackFailures(LOG, counters);
        this.calls = new CallbackCalls(sinks, attempts, hold, hosts, failures, counters);
    }

    /** Before each attempt the lease of a message is looked at so; by its own word otherwise. */
    public void lostWhen(Predicate<Message> lost) {
        calls.lostWhen(lost);
    }

    /** Says so where messages have a line; by default each has one. */
    public void logTo(MessageLog lines) {
        log = lines;
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
        Optional<byte[]> kept = duplicates.result(message);
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
    private void settle(Message message, Supplier<Outcome> ending) {
        Outcome outcome;
        try {
            outcome = ending.get();
        } catch (RuntimeException | Error e) {
            bugs.say(
                    "the callback stage, whose message the queue gives out again,",
                    message.delivery().messageId(),
                    e);
            outcome =
                    Outcome.Retry.backedOff(
                            message,
                            new Failure(
                                    Failure.Kind.CALLBACK_FAILED,
                                    Stage.CALLBACK,
                                    "the worker failed while it wrote the result; the worker will try again"));
        }
        message.settle(outcome);
    }

    /** Whether a task failed in a way that another attempt may mend. */
    private Optional<Outcome> again(Message message) {
        boolean last = !message.delivery().mayComeAgain(maxReceives);
        for (TaskResult result : message.results()) {
            Failure.Kind kind = result.failure().map(Failure::kind).orElse(null);
            if (kind == Failure.Kind.DRAINING) {
                return Optional.of(Outcome.Retry.draining(result.failure().get().stage()));
            }
            if (kind != null && kind.retryable() && !last) {
                Outcome.Retry retry = Outcome.Retry.backedOff(message, result.failure().get());
                failures.taskAgain(message, retry, maxReceives);
                return Optional.of(retry);
            }
        }
        return Optional.empty();
    }

    private Outcome report(Message message) {
        if (calls.isLost(message)) {
            return leaseLost();
        }
        Result result = writer.result(message, System.nanoTime(), System.currentTimeMillis());
        result.failures().forEach(one -> counters.failed(one, message.request().url()));
        duplicates.keep(message, result.body());
        if (result.body().length > LARGE_RESULT_BYTES) {
            message.usage().result(result.body().length);
        }
        return timed(message, result);
    }

    /** Somebody else may have the message by now, and one callback is enough. */
    private static Outcome leaseLost() {
        return new Outcome.Rejected(
                new Failure(
                        Failure.Kind.LEASE_LOST,
                        Stage.CALLBACK,
                        "the lease of the message ended before its result was taken"));
    }

    private Outcome timed(Message message, Result result) {
        long startNs = System.nanoTime();
        Outcome outcome = post(message, result);
        clock.add(System.nanoTime() - startNs);
        return outcome;
    }

    private Outcome post(Message message, Result result) {
        try {
            calls.post(message, result.body());
            counters.increment(Counter.CALLBACKS);
            log.finished(message, result.head(), "");
            return new Outcome.Delivered();
        } catch (LostLeaseException e) {
            return leaseLost();
        } catch (ResultTooLargeException e) {
            return postInstead(message, result, e);
        } catch (Exception e) {
            if (calls.isEndedByDrain(e)) {
                return Outcome.Retry.draining(Stage.CALLBACK);
            }
            String reason = CallbackFailures.reason(e);
            log.finished(message, result.head(), reason);
            String why = CallbackFailures.what(message) + ": " + reason;
            LOG.debug(why, e);
            return ForbiddenAddressException.isIn(e)
                    ? new Outcome.Rejected(
                            new Failure(Failure.Kind.URL_FORBIDDEN, Stage.CALLBACK, why))
                    : undelivered(message, why, e);
        }
    }

    /** What is too large would be so at each attempt: who waits for it is told so instead. */
    private Outcome postInstead(Message message, Result result, ResultTooLargeException cause) {
        Failure failure =
                new Failure(Failure.Kind.RESULT_TOO_LARGE, Stage.CALLBACK, cause.getMessage());
        Result smaller = writer.instead(message, failure, cause.limit());
        if (smaller.body().length >= result.body().length) {
            return undelivered(
                    message, CallbackFailures.what(message) + ": " + cause.getMessage(), cause);
        }
        smaller.failures().forEach(one -> counters.failed(one, message.request().url()));
        duplicates.keep(message, smaller.body());
        return post(message, smaller);
    }

    private Outcome undelivered(Message message, String why, Exception cause) {
        Failure failure = new Failure(Failure.Kind.CALLBACK_FAILED, Stage.CALLBACK, why);
        Outcome.Retry retry = later(message, failure, cause);
        failures.undelivered(message, retry, cause);
        return retry;
    }

    /** After the usual pause, or a longer one where the host asked for it. */
    private static Outcome.Retry later(Message message, Failure failure, Exception cause) {
        Outcome.Retry usual = Outcome.Retry.backedOff(message, failure);
        return cause instanceof ResultRefusal refusal
                ? refusal.retryAfter()
                        .filter(asked -> asked.compareTo(usual.after()) > 0)
                        .map(asked -> asked.compareTo(MAX_PAUSE) < 0 ? asked : MAX_PAUSE)
                        .map(asked -> new Outcome.Retry(asked, failure))
                        .orElse(usual)
                : usual;
    }

    /** Whether messages wait for callback hosts that are down while no other host takes any. */
    public boolean isDown() {
        return hosts.down();
    }

    /** Names of the hosts that are down and were asked of late, a few at most. */
    public List<String> hostsDown() {
        return hosts.namesDown();
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
            calls.drain();
            tasks.interrupt();
            tasks.await(Duration.ofSeconds(1));
        }
    }
}
