package dev.millrace.modules;

import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * Greedy non-maximum suppression of one image. Asked box by box, best first, it keeps a box unless
 * one that it kept before overlaps it by more than the limit: intersection over union, in pixels of
 * the input.
 */
final class Suppression {
    private final Optional<ModelSpec.Nms> rule;
    private final OutputTensor boxes;
    private int[] keptRows = new int[16];
    private int[] keptClasses = new int[16];
    private int kept;

    /**
     * @param rule empty to keep every box
     * @param boxes {@code [K, 4]}: x1, y1, x2, y2
     */
    Suppression(Optional<ModelSpec.Nms> rule, OutputTensor boxes) {
        this.rule = rule;
        this.boxes = boxes;
    }

    boolean keeps(int row, int label) {
        if (rule.isPresent() && suppressed(row, label, rule.get())) {
            return false;
        }
        if (kept == keptRows.length) {
            keptRows = Arrays.copyOf(keptRows, 2 * kept);
            keptClasses = Arrays.copyOf(keptClasses, 2 * kept);
        }
        keptRows[kept] = row;
        keptClasses[kept++] = label;
        return true;
    }

    private boolean suppressed(int row, int label, ModelSpec.Nms nms) {
        for (int i = 0; i < kept; i++) {
            boolean rivals = !nms.perClass() || keptClasses[i] == label;
            if (rivals && overlaps(keptRows[i], row, nms.iou())) {
                return true;
            }
        }
        return false;
    }

    /** Compares products, so that two empty boxes do not divide by 0. */
    private boolean overlaps(int a, int b, double limit) {
        double width = Math.min(at(a, 2), at(b, 2)) - Math.max(at(a, 0), at(b, 0));
        double height = Math.min(at(a, 3), at(b, 3)) - Math.max(at(a, 1), at(b, 1));
        double intersection = Math.max(0, width) * Math.max(0, height);
        return intersection > limit * (area(a) + area(b) - intersection);
    }

    private double area(int row) {
        return (at(row, 2) - at(row, 0)) * (at(row, 3) - at(row, 1));
    }

    private double at(int row, int edge) {
        return boxes.get(4 * row + edge);
    }
}
