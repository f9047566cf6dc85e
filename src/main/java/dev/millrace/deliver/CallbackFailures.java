package dev.millrace.deliver;

import dev.millrace.job.Counters;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.HostLog;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.net.LookupRefusedException;
import dev.millrace.net.OwnRefusals;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;

/**
 * Lines and counts of failures that are tried again: each is counted, and a line a second at most
 * says which host, what it answered, and what happens next. Thread-safe.
 */
final class CallbackFailures {
    private final HostLog hosts;
    private final LimitedLog tasks;
    private final Counters counters;

    CallbackFailures(Logger log, Counters counters) {
        this.hosts = new HostLog(log);
        this.tasks = new LimitedLog(log);
        this.counters = counters;
    }

    /** An attempt to post a result failed, and there is another one at this receipt. */
    void attemptAgain(Message message, String host, Exception failure, String next) {
        counters.again(Failure.Kind.CALLBACK_FAILED, host, reason(failure));
        hosts.warn(
                host,
                "%s: %s (receive %d, %s)"
                        .formatted(
                                what(message),
                                reason(failure),
                                message.delivery().receiveCount(),
                                next));
    }

    /** A result was not taken; the queue gives its message out again. */
    void undelivered(Message message, Outcome.Retry retry, Exception cause) {
        String host = message.request().destination().name();
        counters.undelivered();
        counters.again(Failure.Kind.CALLBACK_FAILED, host, reason(cause));
        hosts.warn(
                host,
                "%s (receive %d; the queue will deliver it again in %d s)"
                        .formatted(
                                retry.failure().message(),
                                message.delivery().receiveCount(),
                                retry.after().toSeconds()));
    }

    /** A task failed in a way that another receipt may mend. */
    void taskAgain(Message message, Outcome.Retry retry, int maxReceives) {
        Failure failure = retry.failure();
        counters.again(failure.kind(), message.request().url(), failure.message());
        tasks.warn(retry.line(message, maxReceives));
    }

    /** What failed, in words for the operator. */
    static String what(Message message) {
        String id = message.request().id();
        return message.request().destination() instanceof Destination.Callback
                ? "the callback for " + id + " failed"
                : "the result for " + id + " was not taken";
    }

    /** Why a callback failed, in words for the operator, without its URL. */
    static String reason(Exception failure) {
        Optional<LookupRefusedException> lookup = OwnRefusals.lookup(failure);
        if (lookup.isPresent()) {
            return "the name of its host was not looked up, since " + lookup.get().getMessage();
        }
        return switch (failure) {
            case ResultRefusal refusal -> refusal.getMessage();
            case ResultTooLargeException large -> large.getMessage();
            case OutputClosedException closed -> closed.getMessage();
            case HostDownException down -> down.getMessage();
            case UnknownHostException unknown ->
                    LimitedLog.plain(String.valueOf(unknown.getMessage())) + " has no address";
            case InterruptedIOException slow ->
                    "the host did not answer in time (" + LimitedLog.reason(slow) + ")";
            case SSLException tls -> "the TLS handshake failed (" + LimitedLog.reason(tls) + ")";
            default -> LimitedLog.reason(failure);
        };
    }
}
