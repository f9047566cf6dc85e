package dev.millrace.verify;

import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.modules.Detector.Detection;
import dev.millrace.modules.ScoreCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Gathers how far an engine is from its reference, and judges it. */
public final class Agreement {
    /** Of probabilities. */
    static final double PROBABILITY = 0.02;

    /** Of any pixel of a text map: where text begins, a map is as steep as a threshold. */
    static final double MAP = 0.1;

    /** The share of a map's pixels that may differ by more than a probability. */
    static final double STRAYS = 0.001;

    /** Where the best class leads by less, either may win. */
    static final double CLEAR_MARGIN = 0.1;

    /** A detection whose score is so little above the threshold may be lost. */
    static final double CLEAR_SCORE = 0.08;

    static final double SCORE = 0.06;
    static final double OVERLAP = 0.8;
    private static final double DEFAULT_THRESHOLD = 0.35;

    private final ModelSpec spec;
    private final Map<String, Double> differences = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private int photos;
    private int sameTop;
    private int clear;
    private int expected;
    private int matched;
    private double lowestOverlap = 1;
    private double scoreDifference;
    private Optional<String> warning = Optional.empty();

    Agreement(ModelSpec spec) {
        this.spec = spec;
    }

    /**
     * @param differences the largest of each output, by name; empty for detectors
     * @param sameTop photos with the same best class
     * @param clear photos whose best class leads by {@value #CLEAR_MARGIN} at least
     * @param expected detections that must be found
     * @param scoreDifference the largest of the detections that were found
     * @param complaints one line each; none where the engine passes
     * @param warning of the model itself, which both sides share
     */
    public record Report(
            String kind,
            int photos,
            Map<String, Double> differences,
            int sameTop,
            int clear,
            int expected,
            int matched,
            double lowestOverlap,
            double scoreDifference,
            List<String> complaints,
            Optional<String> warning) {

        public boolean passed() {
            return complaints.isEmpty();
        }

        /** For a person, one fact a line. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            differences.forEach(
                    (name, most) ->
                            lines.add(
                                    String.format(
                                            Locale.ROOT,
                                            "%s: largest difference %.6f on %d photos",
                                            name,
                                            most,
                                            photos)));
            if (kind.equals("classifier")) {
                lines.add(
                        "best class: the same on %s of %s photos, and clearly the best on %s"
                                .formatted(sameTop, photos, clear));
            }
            if (kind.equals("detector")) {
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "detections: %d of %d matched on %d photos, lowest IoU %.3f, largest difference of scores %.4f",
                                matched,
                                expected,
                                photos,
                                lowestOverlap,
                                scoreDifference));
            }
            lines.addAll(complaints);
            warning.ifPresent(said -> lines.add("warning: " + said));
            return lines;
        }
    }

    Report report() {
        return new Report(
                spec.kind(),
                photos,
                Map.copyOf(differences),
                sameTop,
                clear,
                expected,
                matched,
                lowestOverlap,
                scoreDifference,
                List.copyOf(complaints),
                warning);
    }

    /** Another photo is about to be compared. */
    void photo() {
        photos++;
    }

    /** Looks at the reference's scores, whose first that are no probabilities are warned of. */
    void scores(OutputTensors reference) {
        if (warning.isEmpty()) {
            warning = ScoreCheck.of(spec).flatMap(check -> check.wrong(reference));
        }
    }

    void tensor(String photo, OutputTensor reference, OutputTensor candidate) {
        double most = 0;
        int strays = 0;
        for (int i = 0; i < reference.length(); i++) {
            double difference = Math.abs((double) reference.get(i) - candidate.get(i));
            // A value that is no number differs from everything.
            difference = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
            most = Math.max(most, difference);
            strays += difference > PROBABILITY ? 1 : 0;
        }
        differences.merge(reference.name(), most, Math::max);
        double limit = limit();
        if (most > limit) {
            complain(photo, "%s differs by %.4f, more than %.2f", reference.name(), most, limit);
        }
        if (spec.kind().equals("text") && strays > STRAYS * reference.length()) {
            complain(photo, "%d pixels differ by more than %.2f", strays, PROBABILITY);
        }
        if (reference.name().equals(spec.outputs().get("scores"))) {
            top(photo, reference, candidate);
        }
    }

    private double limit() {
        return switch (spec.kind()) {
            case "classifier" -> PROBABILITY;
            case "text" -> MAP;
            // What another kind's numbers mean, its module alone knows; numbers they must be.
            default -> Double.MAX_VALUE;
        };
    }

    private void top(String photo, OutputTensor reference, OutputTensor candidate) {
        int best = best(reference, -1);
        boolean same = best == best(candidate, -1);
        sameTop += same ? 1 : 0;
        boolean leads =
                reference.length() == 1
                        || reference.get(best) - reference.get(best(reference, best))
                                >= CLEAR_MARGIN;
        clear += leads ? 1 : 0;
        if (leads && !same) {
            complain(photo, "the best class is %d instead of %d", best(candidate, -1), best);
        }
    }

    private static int best(OutputTensor scores, int without) {
        int best = without == 0 ? 1 : 0;
        for (int i = 0; i < scores.length(); i++) {
            if (i != without && scores.get(i) > scores.get(best)) {
                best = i;
            }
        }
        return best;
    }

    void detections(String photo, Map<String, ?> reference, Map<String, ?> candidate) {
        List<Detection> found = detections(candidate);
        double least = spec.threshold("score", DEFAULT_THRESHOLD) + CLEAR_SCORE;
        for (Detection wanted : detections(reference)) {
            if (wanted.score() >= least) {
                expected++;
                match(photo, wanted, found);
            }
        }
    }

    private void match(String photo, Detection wanted, List<Detection> found) {
        Optional<Detection> closest =
                found.stream()
                        .filter(detection -> detection.label().equals(wanted.label()))
                        .max(Comparator.comparingDouble(detection -> overlap(wanted, detection)));
        double overlap = closest.map(detection -> overlap(wanted, detection)).orElse(0.0);
        double difference =
                closest.map(detection -> Math.abs((double) detection.score() - wanted.score()))
                        .orElse(1.0);
        if (overlap >= OVERLAP && difference <= SCORE) {
            matched++;
            lowestOverlap = Math.min(lowestOverlap, overlap);
            scoreDifference = Math.max(scoreDifference, difference);
        } else {
            complain(
                    photo,
                    "the detection %s with score %.2f is missing: the closest one has IoU"
                            + " %.2f and a score that differs by %.2f",
                    wanted.label(),
                    wanted.score(),
                    overlap,
                    difference);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Detection> detections(Map<String, ?> fields) {
        return (List<Detection>) fields.get("detections");
    }

    private static double overlap(Detection a, Detection b) {
        double both = side(a, b, 0) * side(a, b, 1);
        return both / (area(a) + area(b) - both);
    }

    private static double side(Detection a, Detection b, int axis) {
        double from = Math.max(a.box().get(axis), b.box().get(axis));
        double to = Math.min(a.box().get(axis + 2), b.box().get(axis + 2));
        return Math.max(0, to - from);
    }

    private static double area(Detection detection) {
        List<Float> box = detection.box();
        return (double) (box.get(2) - box.get(0)) * (box.get(3) - box.get(1));
    }

    private void complain(String photo, String what, Object... values) {
        complaints.add(photo + ": " + String.format(Locale.ROOT, what, values));
    }
}
