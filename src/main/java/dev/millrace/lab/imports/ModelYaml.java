package dev.millrace.lab.imports;

import dev.millrace.lab.imports.Facts.Fact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The text of a {@code model.yaml}, in which each line says where it comes from. */
final class ModelYaml {
    /** The keys behind the input, in the order of the page that describes them. */
    static final List<String> KEYS =
            List.of(
                    "resize",
                    "filter",
                    "color",
                    "normalize",
                    "outputs",
                    "activation",
                    "columns",
                    "units",
                    "background",
                    "grid",
                    "boxLabels",
                    "pool",
                    "unit",
                    "thresholds",
                    "nms",
                    "candidates");

    private static final int COMMENT_COLUMN = 44;
    private static final int WIDTH = 96;

    private final Facts facts;

    ModelYaml(Facts facts) {
        this.facts = facts;
    }

    /** What has to be asked for, by key; empty where all is known that a bundle needs. */
    Map<String, String> questions() {
        Map<String, String> questions = new LinkedHashMap<>();
        ask(questions, "kind", "--preset imagenet, clip, yolo or coco, or --kind, says what it is");
        if (!facts.has("width") || !facts.has("height")) {
            questions.put(
                    "input", "--size WxH says how large the input is, such as --size 224x224");
        }
        ask(
                questions,
                "resize",
                "--resize says how the training code made images fit: stretch, {crop: 256} or"
                        + " letterbox");
        ask(
                questions,
                "color",
                "--color says how the training code read images: RGB (PyTorch, Pillow) or BGR"
                        + " (OpenCV)");
        ask(
                questions,
                "normalize",
                "--normalize says what it did with values from 0 to 255, such as '{scale: 1/255}';"
                        + " a --preset says it too");
        String kind = facts.word("kind");
        if (facts.isLabelled() && facts.labels().isEmpty()) {
            questions.put("labels", "--labels FILE lists the classes, one per line");
        }
        if (!kind.isEmpty()) {
            ask(questions, "outputs", "--outputs names them, such as '{boxes: a, scores: b}'");
        }
        if (facts.word("outputs").startsWith("{detections")) {
            ask(
                    questions,
                    "columns",
                    "--columns says what a row of the output holds, such as '[cx, cy, w, h,"
                            + " scores]'");
        }
        facts.questions()
                .forEach(
                        (key, how) -> {
                            if (questions.containsKey(key) || !key.equals("labels")) {
                                questions.put(key, how);
                            }
                        });
        return questions;
    }

    private void ask(Map<String, String> questions, String key, String how) {
        if (!facts.has(key)) {
            questions.put(key, how);
        }
    }

    /**
     * @param head lines that go before, as comments
     * @param labels as YAML has them: a list or the name of a file
     */
    String text(List<String> head, Optional<String> labels) {
        StringBuilder text = new StringBuilder();
        head.forEach(line -> text.append(comment(line)).append('\n'));
        line(text, "kind", facts.of("kind").orElseThrow());
        Fact width = facts.of("width").orElseThrow();
        String input =
                "{width: %s, height: %s%s}"
                        .formatted(
                                width.yaml(),
                                facts.word("height"),
                                facts.of("constants")
                                        .map(fact -> ", constants: " + fact.yaml())
                                        .orElse(""));
        line(text, "input", new Fact(input, width.source()));
        for (String key : KEYS) {
            facts.of(key)
                    .filter(fact -> !(key.equals("activation") && isSparse()))
                    .ifPresent(fact -> line(text, key, fact));
        }
        labels.ifPresent(
                yaml ->
                        line(
                                text,
                                "labels",
                                new Fact(yaml, facts.labels().orElseThrow().source())));
        return text.toString();
    }

    /** A box with one class has its score. */
    private boolean isSparse() {
        return facts.word("outputs").contains("class:") || facts.word("columns").contains("class");
    }

    private static void line(StringBuilder text, String key, Fact fact) {
        String line = key + (fact.yaml().startsWith("\n") ? ":" : ": ") + fact.yaml();
        String comment = comment(fact.source());
        if (line.length() + comment.length() + 2 > WIDTH || line.contains("\n")) {
            text.append(comment).append('\n').append(line).append('\n');
        } else {
            text.append(line)
                    .repeat(' ', Math.max(2, COMMENT_COLUMN - line.length()))
                    .append(comment)
                    .append('\n');
        }
    }

    /** What a file says may hold anything, and a comment ends with its line. */
    private static String comment(String text) {
        return "# " + text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029\\ufeff]", " ");
    }

    /** Labels as a YAML list, broken into lines. */
    static String list(List<String> labels) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String label : labels) {
            String word = label.isEmpty() ? "~" : GraphLayout.quoted(label);
            if (line.length() + word.length() > WIDTH - 8) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word).append(',');
        }
        lines.add(line.substring(0, Math.max(0, line.length() - 1)));
        return lines.size() == 1
                ? "[" + lines.getFirst() + "]"
                : lines.stream().collect(Collectors.joining("\n    ", "\n  [\n    ", "\n  ]"));
    }
}
