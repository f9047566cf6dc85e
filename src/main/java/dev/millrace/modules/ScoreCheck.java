package dev.millrace.modules;

import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells whether what a ready module reads as probabilities can be some: each from 0 to 1, those of
 * a classifier 1 together. Often a model was exported without its last layer, and its verdicts are
 * right while its scores mean nothing. Thread-safe.
 */
public final class ScoreCheck {
    /** Of half precision, and of many classes that are added up. */
    private static final double SLACK = 0.01;

    private static final double SUM_SLACK = 0.05;

    private final ModelSpec spec;
    private final String role;
    private final String layer;
    private final boolean shared;

    private ScoreCheck(ModelSpec spec, String role, String layer, boolean shared) {
        this.spec = spec;
        this.role = role;
        this.layer = layer;
        this.shared = shared;
    }

    /** Empty where the module is the user's own, who alone knows what its outputs mean. */
    public static Optional<ScoreCheck> of(ModelSpec spec) {
        return switch (spec.kind()) {
            case "classifier" ->
                    Optional.of(
                            new ScoreCheck(spec, "scores", "softmax", spec.labels().size() > 1));
            case "detector" -> {
                String role = spec.outputs().containsKey("class") ? "score" : "scores";
                yield Optional.of(new ScoreCheck(spec, role, "sigmoid", false));
            }
            case "text" -> Optional.of(new ScoreCheck(spec, "map", "sigmoid", false));
            default -> Optional.empty();
        };
    }

    /** What is wrong with the scores of one image and what to do, in one sentence. */
    public Optional<String> wrong(OutputTensors outputs) {
        OutputTensor scores = outputs.named(spec.output(role));
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        double sum = 0;
        for (int i = 0; i < scores.length(); i++) {
            float score = scores.get(i);
            least = Math.min(least, score);
            most = Math.max(most, score);
            sum += score;
        }
        if (!Double.isFinite(sum)) {
            // The module refuses the image, with a line of its own.
            return Optional.empty();
        }
        if (least < -SLACK || most > 1 + SLACK) {
            return Optional.of(
                    said(
                                    "has values from %.2f to %.2f where probabilities from 0 to 1 are read",
                                    least, most)
                            + remedy());
        }
        if (shared && Math.abs(sum - 1) > SUM_SLACK) {
            return Optional.of(
                    said(
                                    "adds up to %.2f over the classes of an image where a softmax gives 1",
                                    sum)
                            + remedy()
                            + "; where classes do not exclude each other, all is well");
        }
        return Optional.empty();
    }

    private String said(String what, Object... values) {
        return "the output '%s' of model '%s' (outputs.%s in model.yaml) %s, so the scores in results are not probabilities"
                .formatted(
                        spec.output(role),
                        spec.name(),
                        role,
                        String.format(Locale.ROOT, what, values));
    }

    private String remedy() {
        return switch (role) {
            case "map" ->
                    "; name the output behind the model's %s there, or export the model with a %s as its last layer"
                            .formatted(layer, layer);
            case "score" -> "; name another output there, whose scores are probabilities";
            default -> "; write 'activation: %s' in model.yaml".formatted(layer);
        };
    }
}
