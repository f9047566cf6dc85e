package dev.millrace.deliver;

import dev.millrace.job.Failure;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Stage;
import dev.millrace.job.TaskResult;

/** A module's verdict is no JSON. Has no stack trace: it is a result. */
final class UnwritableVerdictException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int task;
    private final transient Failure failure;

    private UnwritableVerdictException(int task, Failure failure) {
        super(failure.message(), null, false, false);
        this.task = task;
        this.failure = failure;
    }

    /**
     * @param field of the verdict that was being written; empty before the first
     * @param why goes on after the field, and says what to do
     */
    static UnwritableVerdictException of(int task, TaskResult result, String field, String why) {
        String model = result.model().map(TaskResult.ModelRef::name).orElse(result.task());
        String what =
                field == null || field.isEmpty() ? "it" : "field '" + LimitedLog.plain(field) + "'";
        return new UnwritableVerdictException(
                task,
                new Failure(
                        Failure.Kind.POSTPROCESS_FAILED,
                        Stage.POSTPROCESS,
                        "the verdict of model '" + model + "' is not JSON: " + what + why));
    }

    /** The position of the task in the request. */
    int task() {
        return task;
    }

    Failure failure() {
        return failure;
    }
}
