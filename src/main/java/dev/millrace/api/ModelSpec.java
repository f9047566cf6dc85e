package dev.millrace.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code model.yaml} declares of a model, checked.
 *
 * @param name of the bundle, as the results carry it
 * @param version of the bundle: the start of the hash of its content
 * @param kind {@code classifier}, {@code detector}, {@code embedding}, {@code segmentation}, {@code
 *     text}, or the name of a class that extends {@link VisionModule}
 * @param width of the input in pixels
 * @param height of the input in pixels
 * @param filter that images are resized with
 * @param labels of the classes, in the order of the model's output; empty where the model has none
 * @param outputs role to output name in the graph, such as {@code scores → output}
 * @param thresholds name to value, such as {@code score → 0.35}
 * @param options what the module is told beside these, such as {@code mask → true}
 */
public record ModelSpec(
        String name,
        String version,
        String kind,
        int width,
        int height,
        ResizeRule resize,
        ResizeFilter filter,
        Fidelity fidelity,
        ColorOrder colorOrder,
        Normalization normalization,
        List<String> labels,
        Map<String, String> outputs,
        Map<String, Double> thresholds,
        Optional<Nms> nms,
        Map<String, String> options) {
    public ModelSpec {
        options = Map.copyOf(options);
        labels = List.copyOf(labels);
        outputs = Map.copyOf(outputs);
        thresholds = Map.copyOf(thresholds);
    }

    /** Resized with the triangle, and without options. */
    public ModelSpec(
            String name,
            String version,
            String kind,
            int width,
            int height,
            ResizeRule resize,
            Fidelity fidelity,
            ColorOrder colorOrder,
            Normalization normalization,
            List<String> labels,
            Map<String, String> outputs,
            Map<String, Double> thresholds,
            Optional<Nms> nms) {
        this(
                name,
                version,
                kind,
                width,
                height,
                resize,
                ResizeFilter.BILINEAR,
                fidelity,
                colorOrder,
                normalization,
                labels,
                outputs,
                thresholds,
                nms,
                Map.of());
    }

    /**
     * Non-maximum suppression.
     *
     * @param iou boxes that overlap a better one by more than this are dropped
     * @param perClass whether only boxes of the same class suppress each other
     */
    public record Nms(double iou, boolean perClass) {}

    /** The threshold of this name, or {@code otherwise} where {@code model.yaml} leaves it out. */
    public double threshold(String name, double otherwise) {
        return thresholds.getOrDefault(name, otherwise);
    }

    /** The option of this name, or {@code otherwise} where {@code model.yaml} leaves it out. */
    public String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    /** The graph's name of the output with this role. */
    public String output(String role) {
        String name = outputs.get(role);
        if (name == null) {
            throw new IllegalArgumentException(
                    "model '%s' declares no output for the role '%s', only %s"
                            .formatted(this.name, role, outputs.keySet()));
        }
        return name;
    }
}
