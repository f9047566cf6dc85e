package dev.millrace.serve.oip;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A tensor that an answer can hold. */
public enum Output {
    /** What the contract's result holds of a task, as JSON; each model has it. */
    VERDICT("verdict", "BYTES"),
    /** The one word for an image; of classifiers. Empty where no class reaches its threshold. */
    LABEL("label", "BYTES"),
    /** A number for each class; of classifiers. */
    SCORES("scores", "FP32");

    private static final List<Output> ALL = List.of(values());
    private static final List<Output> VERDICT_ONLY = List.of(VERDICT);

    private final String wireName;
    private final String datatype;

    Output(String wireName, String datatype) {
        this.wireName = wireName;
        this.datatype = datatype;
    }

    String wireName() {
        return wireName;
    }

    String datatype() {
        return datatype;
    }

    static Optional<Output> named(String name) {
        return ALL.stream().filter(output -> output.wireName.equals(name)).findFirst();
    }

    /** Those of a model. */
    static List<Output> of(boolean classifier) {
        return classifier ? ALL : VERDICT_ONLY;
    }

    static String names(List<Output> outputs) {
        return outputs.stream().map(Output::wireName).collect(Collectors.joining(", "));
    }

    static String names() {
        return names(Arrays.asList(values()));
    }
}
