package dev.millrace.bundle;

import dev.millrace.api.ModelSpec.Nms;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an export would have done with the boxes of a detector, had it not been cut off: what {@code
 * model.yaml} leaves out is taken from it.
 *
 * @param iou above which the lesser of two boxes was dropped
 * @param score below which a box was none
 * @param perClass whether only boxes of one class competed
 */
public record Suppression(Optional<Double> iou, Optional<Double> score, boolean perClass) {
    public static final Suppression NONE =
            new Suppression(Optional.empty(), Optional.empty(), true);

    Optional<Nms> nms() {
        return iou.map(limit -> new Nms(limit, perClass));
    }

    /**
     * The thresholds with that of the score among them.
     *
     * @param declared in {@code model.yaml}; goes before
     */
    Map<String, Double> thresholds(Map<String, Double> declared) {
        Map<String, Double> all = new LinkedHashMap<>();
        score.ifPresent(least -> all.put("score", least));
        all.putAll(declared);
        return all;
    }
}
