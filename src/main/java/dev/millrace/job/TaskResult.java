package dev.millrace.job;

import dev.millrace.api.Verdict;
import java.util.Optional;

/**
 * What one task of a message came to: a verdict or a failure.
 *
 * @param model empty where no model serves the task
 * @param times how long each step took; all zero where the job never reached a ring
 */
public record TaskResult(
        String task,
        Optional<ModelRef> model,
        Optional<Verdict> verdict,
        Optional<Failure> failure,
        Times times) {

    /** Which model gave the verdict. */
    public record ModelRef(String name, String version) {}

    /**
     * Nanoseconds.
     *
     * @param enteredNs what the first step counts from, by {@link System#nanoTime}; 0 where the job
     *     never reached a ring
     * @param slotNs from the end of the download to the start of decoding
     * @param decodeNs decode and resize
     * @param waitNs from there until the batch was submitted
     * @param inferNs from there until the batch was done
     * @param postprocessNs from the start to the end of the module's postprocess
     * @param endedNs when that had ended, by {@link System#nanoTime}
     */
    public record Times(
            long enteredNs,
            long slotNs,
            long decodeNs,
            long waitNs,
            long inferNs,
            long postprocessNs,
            long endedNs) {
        public static final Times NONE = new Times(0, 0, 0, 0, 0, 0, 0);
    }

    public static TaskResult failed(String task, Failure failure) {
        return new TaskResult(
                task, Optional.empty(), Optional.empty(), Optional.of(failure), Times.NONE);
    }
}
