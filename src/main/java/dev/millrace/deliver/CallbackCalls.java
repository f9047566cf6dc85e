package dev.millrace.deliver;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.net.ForbiddenAddressException;
import dev.millrace.net.HeadTooLargeException;
import dev.millrace.net.OwnRefusals;
import dev.millrace.resource.RetryDelay;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Brings a result to its destination: tried a few times, and held while the destination is down,
 * whichever sink it has. Runs on the thread of the message whose result it is. Thread-safe.
 */
final class CallbackCalls {
    /** 100 to 300 ms after the first failure. */
    private static final RetryDelay DELAY =
            new RetryDelay(Duration.ofMillis(300), Duration.ofMinutes(2), 2 / 3.0);

    private final Function<Destination, ResultSink> sinks;
    private final int attempts;
    private final long holdNs;
    private final CallbackHosts hosts;
    private final CallbackFailures failures;
    private final Counters counters;
    private volatile boolean draining;
    private volatile Predicate<Message> lost = Message::leaseLost;

    /**
     * @param sinks which destination has which
     * @param attempts per receive of a message
     * @param hold how long since its work began a message may wait for a host that is down
     */
    CallbackCalls(
            Function<Destination, ResultSink> sinks,
            int attempts,
            Duration hold,
            CallbackHosts hosts,
            CallbackFailures failures,
            Counters counters) {
        this.sinks = sinks;
        this.attempts = attempts;
        this.holdNs = hold.toNanos();
        this.hosts = hosts;
        this.failures = failures;
        this.counters = counters;
    }

    private static boolean mayPass(IOException failure) {
        return switch (failure) {
            case ResultRefusal refusal -> refusal.worthAnotherAttempt();
            case HeadTooLargeException _, ResultTooLargeException _, OutputClosedException _ ->
                    false;
            default -> !ForbiddenAddressException.isIn(failure);
        };
    }

    /** Whether a lease is over is found out so from now on. */
    void lostWhen(Predicate<Message> over) {
        lost = over;
    }

    /** Whether the queue may have given the message to somebody else. */
    boolean isLost(Message message) {
        return lost.test(message);
    }

    /** Returns once the destination has taken the result; throws why it has not. */
    void post(Message message, byte[] body)
            throws IOException, LostLeaseException, InterruptedException {
        Destination to = message.request().destination();
        ResultSink sink = sinks.apply(to);
        CircuitBreaker breaker = hosts.breaker(to.peer());
        int failed = 0;
        while (!isTaken(breaker, sink, message, body, failed + 1)) {
            Thread.sleep(DELAY.after(++failed));
        }
        hosts.taken(breaker);
    }

    /**
     * One attempt. False where another one may be taken; throws what none at this receipt mends.
     */
    private boolean isTaken(
            CircuitBreaker breaker, ResultSink sink, Message message, byte[] body, int attempt)
            throws IOException, LostLeaseException, InterruptedException {
        String name = message.request().destination().name();
        while (isPermitted(breaker, message, body.length)) {
            long startNs = System.nanoTime();
            try {
                send(sink, message, body, startNs);
                breaker.onSuccess(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
                return true;
            } catch (IOException e) {
                counters.increment(Counter.CALLBACK_ERRORS);
                boolean down = isDown(breaker, e, System.nanoTime() - startNs);
                if (!down && (attempt == attempts || !mayPass(e) || draining)) {
                    throw e;
                }
                String next = down ? "held while it is down" : "tried again at once";
                failures.attemptAgain(
                        message,
                        name,
                        e,
                        "attempt %d of %d; %s".formatted(attempt, attempts, next));
                if (!down) {
                    return false;
                }
            } catch (InterruptedException | RuntimeException e) {
                breaker.releasePermission();
                throw e;
            }
        }
        throw new HostDownException(name);
    }

    /** As a call of the message's trace. */
    private void send(ResultSink sink, Message message, byte[] body, long startNs)
            throws IOException, InterruptedException {
        String error = "cancelled";
        message.calls().begin();
        try {
            sink.send(message, body);
            error = "";
        } catch (IOException e) {
            error = e instanceof ResultRefusal refusal ? refusal.word() : e.getClass().getName();
            throw e;
        } finally {
            message.calls().end(startNs, error);
        }
    }

    /** Waits for a host that is down. Whatever was waited for may have cost the lease. */
    private boolean isPermitted(CircuitBreaker breaker, Message message, int bytes)
            throws LostLeaseException, InterruptedException {
        BooleanSupplier over = () -> isLost(message);
        long untilNs = message.beganNs() + holdNs;
        boolean permitted = hosts.await(breaker, untilNs, bytes, over);
        if (over.getAsBoolean()) {
            if (permitted) {
                breaker.releasePermission();
            }
            throw new LostLeaseException();
        }
        return permitted;
    }

    /** Who says what it wants is up; one that is forbidden, or that we left, may be. */
    private boolean isDown(CircuitBreaker breaker, IOException failure, long tookNs) {
        if (failure instanceof ResultRefusal refusal && refusal.isDeliberate()) {
            breaker.onSuccess(tookNs, TimeUnit.NANOSECONDS);
            return false;
        }
        if (draining
                || OwnRefusals.isIn(failure)
                || failure instanceof ResultTooLargeException
                || failure instanceof OutputClosedException) {
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
        return draining
                || failure instanceof HostDownException && hosts.isClosed()
                || failure instanceof OutputClosedException;
    }
}
