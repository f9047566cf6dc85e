package dev.millrace.api;

import java.util.List;

/** The outputs of the model for one image, in the order of the graph. */
public record OutputTensors(List<OutputTensor> all) {
    public OutputTensors {
        all = List.copyOf(all);
    }

    /** The output with this name in the graph. */
    public OutputTensor named(String name) {
        for (OutputTensor output : all) {
            if (output.name().equals(name)) {
                return output;
            }
        }
        throw new IllegalArgumentException(
                "the model has no output '%s', only %s"
                        .formatted(name, all.stream().map(OutputTensor::name).toList()));
    }
}
