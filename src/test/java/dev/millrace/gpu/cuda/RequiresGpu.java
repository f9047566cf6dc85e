package dev.millrace.gpu.cuda;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, with the probe's reason, where there is no GPU. */
final class RequiresGpu implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return switch (GpuProbe.probe()) {
            case GpuStatus.Present(var gpus, var _) ->
                    ConditionEvaluationResult.enabled("runs on " + gpus);
            case GpuStatus.Absent(String reason, boolean _) -> skipped(context, reason);
            case GpuStatus.Unusable(String reason) -> skipped(context, reason);
        };
    }

    private static ConditionEvaluationResult skipped(ExtensionContext context, String reason) {
        System.out.println("skipped: " + context.getDisplayName() + ": " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }
}
