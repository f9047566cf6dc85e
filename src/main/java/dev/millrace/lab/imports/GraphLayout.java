package dev.millrace.lab.imports;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.config.ConfigException;
import dev.millrace.lab.imports.ModelSurface.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What names, shapes and last operators of a graph tell: which output has which role. */
final class GraphLayout {
    private static final String SOURCE = "the graph";

    /** As many candidates as detectors are usually cut to. */
    private static final int CANDIDATES = 300;

    private static final int SIX = 6;

    private final ModelSurface model;
    private final Facts facts;

    private GraphLayout(ModelSurface model, Facts facts) {
        this.model = model;
        this.facts = facts;
    }

    /** What the image input says; before the others, since it is what counts. */
    static void size(ModelSurface model, Facts facts) {
        Tensor image = model.image();
        long first = image.shape().get(1);
        long behind = image.shape().get(3);
        boolean last = (behind == 3 || behind == 1) && first != 3 && first != 1;
        if ((last ? behind : first) == 1) {
            facts.add("color", "GRAY", "the graph's input " + image.name() + " has one channel");
        }
        long height = image.shape().get(last ? 1 : 2);
        long width = image.shape().get(last ? 2 : 3);
        if (height > 0 && width > 0) {
            facts.add("height", height, "the graph's input " + image.name());
            facts.add("width", width, "the graph's input " + image.name());
        }
    }

    static void outputs(ModelSurface model, Facts facts) {
        GraphLayout layout = new GraphLayout(model, facts);
        if (!facts.has("kind")) {
            layout.guessKind();
        }
        switch (facts.word("kind")) {
            case "classifier" -> layout.classifier();
            case "detector" -> layout.detector();
            case "embedding" -> layout.embedding();
            case "segmentation" -> layout.single("classes", "logits", "output");
            default -> {}
        }
        layout.otherInputs();
    }

    private void guessKind() {
        List<Tensor> outputs = model.outputs();
        if (outputs.size() == 1
                && outputs.getFirst().shape().size() > 1
                && outputs.getFirst().sides().size() == 1
                && facts.labels().isPresent()) {
            facts.add("kind", "classifier", "the graph gives one number for each label");
        }
    }

    private void classifier() {
        single("scores", "logits", "output", "probs");
        activation(output("scores"));
        facts.add("activation", "softmax", "the graph ends in no softmax or sigmoid");
        model.output(output("scores")).ifPresent(this::labels);
    }

    /** Scores that the graph has made of logits need nothing more, whatever else says so. */
    private void activation(String scores) {
        String last = model.lastOperator(scores);
        if (last.equals("Softmax") || last.equals("Sigmoid")) {
            facts.correct("activation", "none", "the graph ends in a " + last);
        }
    }

    private void labels(Tensor scores) {
        if (scores.sides().size() != 1 || scores.sides().getFirst() == 0) {
            return;
        }
        long classes = scores.sides().getFirst();
        facts.ask(
                "labels",
                "--labels FILE lists the %d classes of output '%s', one per line"
                        .formatted(classes, scores.name()));
        facts.labels()
                .filter(labels -> labels.names().size() != classes)
                .ifPresent(
                        labels -> {
                            throw new ConfigException(
                                    "labels: %s has %d, and output '%s' gives %d scores; list each class, ~ for one that is not reported"
                                            .formatted(
                                                    labels.source(),
                                                    labels.names().size(),
                                                    scores.name(),
                                                    classes));
                        });
    }

    private void embedding() {
        Optional<Tensor> pooled =
                model.output("image_embeds", "pooler_output", "embedding", "embeddings");
        Tensor tensor = pooled.orElse(model.outputs().getFirst());
        facts.add("outputs", "{embedding: " + quoted(tensor.name()) + "}", SOURCE);
        String source = facts.source("kind").orElse("");
        if (model.lastOperator(tensor.name()).equals("Softmax")
                && !source.startsWith(Facts.OPTION)) {
            facts.ask(
                    "kind",
                    "%s says embedding, and output '%s' ends in a Softmax as a classifier's does; --kind says which it is"
                            .formatted(source, tensor.name()));
        }
        if (tensor.shape().size() == 3 && tensor.sides().size() == 2) {
            facts.add("pool", "first", "the output has a vector for each part of the image");
        }
    }

    private void single(String role, String... names) {
        Tensor tensor = model.output(names).orElse(model.outputs().getFirst());
        facts.add("outputs", "{" + role + ": " + quoted(tensor.name()) + "}", SOURCE);
    }

    /** The output that a role was given. */
    private String output(String role) {
        return facts.word("outputs").replaceAll("[{}\"]", "").replaceFirst("^" + role + ": ", "");
    }

    private void detector() {
        Optional<Tensor> boxes = model.output("pred_boxes", "dets", "boxes", "detection_boxes");
        Optional<Tensor> scores =
                model.output("logits", "scores", "labels", "confs", "detection_scores");
        Optional<Tensor> kinds = model.output("labels", "classes", "detection_classes");
        if (boxes.isPresent() && scores.isPresent() && isTable(scores.get())) {
            roles("boxes", boxes.get(), "scores", scores.get());
        } else if (boxes.isPresent() && scores.isPresent() && kinds.isPresent()) {
            facts.add(
                    "outputs",
                    "{boxes: %s, score: %s, class: %s%s}"
                            .formatted(
                                    quoted(boxes.get().name()),
                                    quoted(scores.get().name()),
                                    quoted(kinds.get().name()),
                                    model.output("num_detections")
                                            .map(it -> ", count: " + quoted(it.name()))
                                            .orElse("")),
                    SOURCE);
        } else if (isTable(model.outputs().getFirst())) {
            table(model.outputs().getFirst());
        } else if (!facts.has("outputs")) {
            facts.ask(
                    "outputs",
                    "the model has %s, of which none looks like boxes; --outputs names them, such as '{boxes: a, scores: b}', and another kind of model takes another --preset or --kind"
                            .formatted(ModelSurface.list(model.outputs())));
        }
        if (facts.has("activation") && facts.word("outputs").contains("scores: ")) {
            activation(facts.word("outputs").replaceAll(".*scores: |[}\"]", ""));
        }
    }

    private static boolean isTable(Tensor tensor) {
        return tensor.shape().size() >= 3 && tensor.shape().getLast() != 1;
    }

    private void roles(String role, Tensor tensor, String other, Tensor second) {
        facts.add(
                "outputs",
                "{%s: %s, %s: %s}"
                        .formatted(role, quoted(tensor.name()), other, quoted(second.name())),
                SOURCE);
    }

    private void table(Tensor tensor) {
        facts.add("outputs", "{detections: " + quoted(tensor.name()) + "}", SOURCE);
        List<Long> sides = tensor.sides();
        int labels = facts.labels().map(known -> known.names().size()).orElse(0);
        String shape = "its shape " + tensor.form() + " and " + labels + " labels";
        List<String> columns = new ArrayList<>(List.of("cx", "cy", "w", "h"));
        if (labels > 0 && sides.contains(4L + labels)) {
            columns.add("scores");
            candidates(sides);
        } else if (labels > 0 && sides.contains(5L + labels)) {
            columns.addAll(List.of("objectness", "scores"));
            candidates(sides);
        } else if (!sides.isEmpty() && sides.getLast() == SIX) {
            columns = List.of("x1", "y1", "x2", "y2", "score", "class");
        } else {
            return;
        }
        facts.add("columns", columns.toString(), shape);
    }

    private void candidates(List<Long> sides) {
        if (sides.stream().anyMatch(side -> side > CANDIDATES)) {
            facts.add("candidates", CANDIDATES, "usual; all boxes leave the graph without it");
        }
    }

    private void otherInputs() {
        List<String> constants = new ArrayList<>();
        for (Tensor input : model.others()) {
            if (input.name().contains("size")
                    && input.shape().size() == 2
                    && input.shape().getLast() == 2) {
                constants.add(
                        quoted(input.name())
                                + ": ["
                                + facts.word("width")
                                + ", "
                                + facts.word("height")
                                + "]");
            }
        }
        if (facts.has("constants")) {
            return;
        }
        if (constants.size() < model.others().size()) {
            facts.ask(
                    "constants",
                    "the model has inputs beside the image (%s), and --constants says their values, such as '{%s: [640, 640]}'"
                            .formatted(
                                    ModelSurface.list(model.others()),
                                    quoted(model.others().getFirst().name())));
        } else if (!constants.isEmpty()) {
            facts.add(
                    "constants",
                    "{" + String.join(", ", constants) + "}",
                    "an input beside the image that asks for a size");
        }
    }

    /** A text as YAML has it, which takes what JSON quotes. */
    static String quoted(String text) {
        boolean plain =
                text.matches("[A-Za-z_][A-Za-z0-9_./-]*")
                        && !text.matches("(?i)true|false|null|yes|no|on|off|y|n");
        return plain ? text : TextNode.valueOf(text).toString();
    }
}
