package dev.millrace.modules;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One label for the whole image. Reads the role {@code scores}, {@code float32 [classes]}; writes
 * {@code scores}, label to score: all of them in the order of the labels where there are at most
 * {@value #ALL_UP_TO}, else the best {@value #TOP}, best first. The label is that of the best
 * score, the first of equals.
 *
 * <p>With thresholds an image may have several labels or none: {@code labels} are those whose score
 * reaches the threshold of their name, else {@code score} ({@value #SCORE}), best first, and the
 * label is the first of them.
 */
public final class Classifier extends VisionModule {
    private static final int ALL_UP_TO = 20;
    private static final int TOP = 5;
    private static final double SCORE = 0.5;

    private final String output;

    public Classifier(ModelSpec spec) {
        super(spec);
        Scores.requireLabels(spec);
        this.output = spec.output("scores");
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        List<String> labels = spec().labels();
        OutputTensor scores = outputs.named(output);
        if (!spec().thresholds().isEmpty()) {
            return several(scores);
        }
        int[] best = best(scores, labels.size(), TOP);
        return Verdict.of(labels.get(best[0]), Map.of("scores", named(scores, best)));
    }

    private Verdict several(OutputTensor scores) {
        List<String> labels = spec().labels();
        double otherwise = spec().threshold("score", SCORE);
        // A broken plan fails the image here too.
        int[] best = best(scores, labels.size(), TOP);
        List<String> reached =
                IntStream.range(0, labels.size())
                        .filter(i -> !labels.get(i).isEmpty())
                        .filter(i -> scores.get(i) >= spec().threshold(labels.get(i), otherwise))
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -scores.get(i)))
                        .map(labels::get)
                        .distinct()
                        .toList();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("labels", reached);
        fields.put("scores", named(scores, best));
        return new Verdict(reached.stream().findFirst(), fields);
    }

    /** Whether its verdicts have a score for each label of the model, and each label has a name. */
    public static boolean scoresAll(ModelSpec spec) {
        return spec.labels().size() <= ALL_UP_TO
                && spec.labels().stream().distinct().filter(label -> !label.isEmpty()).count()
                        == spec.labels().size();
    }

    private Map<String, Float> named(OutputTensor scores, int[] best) {
        List<String> labels = spec().labels();
        Map<String, Float> named = new LinkedHashMap<>();
        if (labels.size() <= ALL_UP_TO) {
            for (int i = 0; i < labels.size(); i++) {
                put(named, labels.get(i), scores.get(i));
            }
        } else {
            for (int i : best) {
                put(named, labels.get(i), scores.get(i));
            }
        }
        return named;
    }

    /** Of two classes with one label the better counts. */
    private static void put(Map<String, Float> named, String label, float score) {
        if (!label.isEmpty()) {
            named.merge(label, score, Math::max);
        }
    }

    /** The classes with the best scores, best first. */
    private int[] best(OutputTensor scores, int classes, int most) {
        int[] best = new int[Math.min(most, classes)];
        int found = 0;
        for (int i = 0; i < classes; i++) {
            float score = Scores.finite(scores, i);
            if (spec().labels().get(i).isEmpty()) {
                continue;
            }
            int rank = found;
            while (rank > 0 && score > scores.get(best[rank - 1])) {
                rank--;
            }
            if (rank < best.length) {
                found = Math.min(found + 1, best.length);
                System.arraycopy(best, rank, best, rank + 1, found - rank - 1);
                best[rank] = i;
            }
        }
        return Arrays.copyOf(best, found);
    }
}
