package dev.millrace.deliver;

import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import java.util.List;

/**
 * Writes what callers are told of images that they waited for, counts the failures and has each
 * image in the log of messages. Thread-safe; called by each request's own thread.
 */
public final class CallerAnswers {
    private final ResultWriter writer = new ResultWriter();
    private final MessageLog log;
    private final Counters counters;

    public CallerAnswers(MessageLog log, Counters counters) {
        this.log = log;
        this.counters = counters;
    }

    /**
     * What came of an image.
     *
     * @param json as the contract has it
     * @param failures of its task: one or none
     */
    public record Answer(byte[] json, List<Failure> failures) {}

    /** The whole result of the contract. */
    public Answer result(Message image) {
        return said(image, writer.result(image, System.nanoTime(), System.currentTimeMillis()));
    }

    /** What the result has under the task. */
    public Answer verdict(Message image) {
        return said(image, writer.verdict(image, System.nanoTime(), System.currentTimeMillis()));
    }

    private Answer said(Message image, Result result) {
        result.failures().forEach(one -> counters.failed(one, image.request().url()));
        counters.increment(Counter.ANSWERED);
        log.finished(image, result.head(), "");
        return new Answer(result.body(), result.failures());
    }
}
