package dev.millrace.modules;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Things in the image, each with a box. Reads the roles {@code boxes}, {@code float32 [K, 4]} as
 * x1, y1, x2, y2 in pixels of the input, and {@code scores}, {@code float32 [K, classes]}, or
 * {@code score} and {@code class}, {@code float32 [K]}; writes {@code detections}, best first, at
 * most {@value #MAX}, boxes in pixels of the upright image. Threshold {@code score}, default
 * {@value #SCORE}. The label is that of the best detection.
 */
public final class Detector extends VisionModule {
    private static final double SCORE = 0.35;
    private static final int MAX = 100;

    private final String boxesOutput;
    private final String scoresOutput;
    // Where each box has one class; else each has a score for every class.
    private final Optional<String> classOutput;
    private final float threshold;

    public Detector(ModelSpec spec) {
        super(spec);
        Scores.requireLabels(spec);
        this.boxesOutput = spec.output("boxes");
        this.classOutput = Optional.ofNullable(spec.outputs().get("class"));
        this.scoresOutput = spec.output(classOutput.isPresent() ? "score" : "scores");
        this.threshold = (float) spec.threshold("score", SCORE);
    }

    /**
     * One thing.
     *
     * @param box x1, y1, x2, y2 in pixels of the upright image
     */
    public record Detection(String label, float score, List<Float> box) {
        public Detection {
            box = List.copyOf(box);
        }
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        OutputTensor boxes = outputs.named(boxesOutput);
        OutputTensor scores = outputs.named(scoresOutput);
        OutputTensor kinds = classOutput.map(outputs::named).orElse(null);
        int classes = spec().labels().size();
        Suppression suppression = new Suppression(spec().nms(), boxes);
        List<Detection> detections = new ArrayList<>();
        for (long candidate : candidates(scores)) {
            if (detections.size() == MAX) {
                break;
            }
            int index = (int) candidate;
            int row = kinds == null ? index / classes : index;
            int label = kinds == null ? index % classes : label(kinds, row);
            if (isNamed(label) && suppression.keeps(row, label)) {
                List<Float> box = placement(boxes, row, image, placement);
                if (box.get(0) < box.get(2) && box.get(1) < box.get(3)) {
                    detections.add(
                            new Detection(spec().labels().get(label), scores.get(index), box));
                }
            }
        }
        Optional<String> label = detections.stream().map(Detection::label).findFirst();
        return new Verdict(label, Map.of("detections", detections));
    }

    private static int label(OutputTensor kinds, int row) {
        return Math.round(Scores.finite(kinds, row));
    }

    /** A model may have classes that nobody asks for, and rows that stand for nothing. */
    private boolean isNamed(int label) {
        return label >= 0
                && label < spec().labels().size()
                && !spec().labels().get(label).isEmpty();
    }

    /**
     * Positions in {@code scores} that reach the threshold, best first, equals in the order of the
     * tensor. As the bits of positive floats are ordered like the floats, one sort of longs does
     * it: the complement of the score above the position.
     */
    private long[] candidates(OutputTensor scores) {
        long[] found = new long[64];
        int count = 0;
        for (int i = 0; i < scores.length(); i++) {
            float score = Scores.finite(scores, i);
            if (score >= threshold) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] =
                        (long) (Integer.MAX_VALUE - Float.floatToIntBits(Math.max(0f, score)))
                                        << Integer.SIZE
                                | i;
            }
        }
        Arrays.sort(found, 0, count);
        return Arrays.copyOf(found, count);
    }

    private static List<Float> placement(
            OutputTensor boxes, int row, ImageInfo image, Placement placement) {
        int at = 4 * row;
        return List.of(
                within(placement.imageX(Scores.finite(boxes, at)), image.width()),
                within(placement.imageY(Scores.finite(boxes, at + 1)), image.height()),
                within(placement.imageX(Scores.finite(boxes, at + 2)), image.width()),
                within(placement.imageY(Scores.finite(boxes, at + 3)), image.height()));
    }

    private static float within(double value, int side) {
        return (float) Math.clamp(value, 0.0, side);
    }
}
