package dev.millrace.modules;

import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;

/** What the modules ask of a model's scores. */
final class Scores {
    private Scores() {}

    /** Refuses a spec whose results would have no names. */
    static void requireLabels(ModelSpec spec) {
        if (spec.labels().isEmpty()) {
            throw new IllegalArgumentException(
                    "model '%s': labels: missing; a %s needs one for each score"
                            .formatted(spec.name(), spec.kind()));
        }
    }

    /** A value that is a number: a broken plan must fail the image, not pass it as harmless. */
    static float finite(OutputTensor tensor, int index) {
        float value = tensor.get(index);
        if (!Float.isFinite(value)) {
            throw new IllegalStateException(
                    "the model's output '" + tensor.name() + "' holds " + value + " at " + index);
        }
        return value;
    }
}
