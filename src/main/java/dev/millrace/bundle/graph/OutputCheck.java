package dev.millrace.bundle.graph;

import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Kind;
import dev.millrace.bundle.Pooling;
import java.util.List;
import java.util.Map;

/** Holds the shapes of the outputs against what their roles and the labels say. */
final class OutputCheck {
    private final Declaration declared;
    private final Map<String, List<Integer>> shapes;

    /**
     * @param shapes by output name, without the batch dimension
     */
    OutputCheck(Declaration declared, Map<String, List<Integer>> shapes) {
        this.declared = declared;
        this.shapes = shapes;
    }

    void check() {
        declared.outputs().forEach(this::requireSome);
        declared.readyKind()
                .ifPresent(
                        kind -> {
                            switch (kind) {
                                case CLASSIFIER -> checkScores();
                                case DETECTOR -> checkDetector();
                                case EMBEDDING -> checkEmbedding();
                                case SEGMENTATION -> checkClasses();
                                case TEXT -> checkMap();
                            }
                        });
        boolean counted = declared.decoding().isEmpty() || !isDetector();
        if (counted && declared.outputs().containsKey("scores") && !declared.labels().isEmpty()) {
            checkLabels(shape("scores"));
        }
    }

    private void requireSome(String role, String output) {
        if (shapes.get(output).contains(0)) {
            throw wrong(
                    role,
                    "is empty for an image that shows nothing, so it grows with what an image"
                            + " shows; export it with a fixed size, or name the tensors before the"
                            + " suppression");
        }
    }

    /** A classifier that ends in a convolution has sides of 1 behind its classes. */
    private void checkScores() {
        List<Integer> scores = shape("scores");
        if (scores.isEmpty() || scores.stream().skip(1).anyMatch(side -> side != 1)) {
            throw wrong(
                    "scores",
                    "must be [classes] or [classes, 1, 1] per image; name the output behind the"
                            + " model's last pooling");
        }
    }

    private void checkDetector() {
        if (declared.decoding().isPresent()) {
            // Its tail knows what it can make of the shapes.
            return;
        }
        rank("boxes", 2, "[boxes, 4]");
        rank("scores", 2, "[boxes, classes]");
        if (shape("boxes").get(1) != 4) {
            throw wrong(
                    "boxes",
                    "must be [boxes, 4]: x1, y1, x2, y2 in pixels of the input; list columns where it has others");
        }
        if (!shape("boxes").getFirst().equals(shape("scores").getFirst())) {
            throw wrong(
                    "scores", "must have as many rows as the output for boxes: " + shape("boxes"));
        }
    }

    private void checkEmbedding() {
        List<Integer> shape = shape("embedding");
        boolean pooled = declared.pooling().pool() != Pooling.Pool.NONE;
        if (pooled && shape.size() != 2) {
            throw wrong("embedding", "must be [parts, D] per image to be pooled; remove pool");
        }
        if (!pooled && shape.stream().filter(side -> side != 1).count() > 1) {
            throw wrong(
                    "embedding",
                    "must be one vector, [D], per image; write pool: first or pool: mean where it"
                            + " has a vector for each part");
        }
    }

    private void checkClasses() {
        List<Integer> shape = shape("classes");
        int labels = declared.labels().size();
        boolean scores = shape.size() == 3 && shape.getFirst() > 1;
        boolean map = shape.size() == 2 || shape.size() == 3 && shape.getFirst() == 1;
        if (!scores && !map) {
            throw wrong(
                    "classes",
                    "must be [classes, H, W] per image, a score for each class and place, or [H, W]"
                            + " with their numbers");
        }
        if (scores && shape.getFirst() != labels) {
            throw declared.wrong(
                    "labels",
                    labels + " labels",
                    "must be %s, one for each class of %s; correct the list"
                            .formatted(shape.getFirst(), declared.outputs().get("classes")));
        }
    }

    private boolean isDetector() {
        return declared.readyKind().filter(Kind.DETECTOR::equals).isPresent();
    }

    private void checkMap() {
        List<Integer> map = shape("map");
        boolean flat = map.size() == 2 || map.size() == 3 && map.getFirst() == 1;
        if (!flat) {
            throw wrong("map", "must be [1, H, W] or [H, W]: one probability per pixel");
        }
    }

    private void checkLabels(List<Integer> scores) {
        boolean flat = scores.stream().skip(1).allMatch(side -> side == 1);
        int classes = scores.isEmpty() ? 1 : flat ? scores.getFirst() : scores.getLast();
        if (declared.labels().size() != classes) {
            throw declared.wrong(
                    "labels",
                    declared.labels().size() + " labels",
                    "must be %s, one for each score of %s; correct the list"
                            .formatted(classes, declared.outputs().get("scores")));
        }
    }

    private void rank(String role, int rank, String form) {
        if (shape(role).size() != rank) {
            throw wrong(
                    role,
                    "must be "
                            + form
                            + " per image; list columns, or change the output's shape in the export");
        }
    }

    private List<Integer> shape(String role) {
        return shapes.get(declared.outputs().get(role));
    }

    private BundleException wrong(String role, String remedy) {
        return declared.wrong(
                "outputs." + role, declared.outputs().get(role) + " " + shape(role), remedy);
    }
}
