package dev.millrace.lab.imports;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a model for its {@code model.yaml}, each with where it was found. What is found
 * first holds, so whoever knows best is asked first.
 */
final class Facts {
    /** How the source of what the user said begins. */
    static final String OPTION = "the option --";

    private final Map<String, Fact> facts = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, String> questions = new LinkedHashMap<>();
    private Optional<Labels> labels = Optional.empty();
    private Optional<String> license = Optional.empty();

    /** A value as YAML has it, and where it was found. */
    record Fact(String yaml, String source) {}

    /** The classes in the order of the scores, an empty text for one that is not reported. */
    record Labels(List<String> names, String source) {
        Labels {
            names = List.copyOf(names);
        }
    }

    void add(String key, Object yaml, String source) {
        facts.putIfAbsent(key, new Fact(String.valueOf(yaml), source));
    }

    /** What the graph shows goes before what stands beside it, and not before the user's word. */
    void correct(String key, Object yaml, String source) {
        if (!facts.containsKey(key) || !facts.get(key).source().startsWith(OPTION)) {
            facts.put(key, new Fact(String.valueOf(yaml), source));
        }
    }

    /** Where the value of a key of {@code model.yaml} is from; empty where nothing gave one. */
    Optional<String> source(String key) {
        return switch (key) {
            case "labels" -> labels.map(Labels::source);
            case "input" -> of("width").map(Fact::source);
            default -> of(key).map(Fact::source);
        };
    }

    Optional<Fact> of(String key) {
        return Optional.ofNullable(facts.get(key));
    }

    boolean has(String key) {
        return facts.containsKey(key);
    }

    /** The value of a key as a word; empty where it is not known. */
    String word(String key) {
        return of(key).map(Fact::yaml).orElse("");
    }

    /** The value of a key as a whole number; 0 where it is not known. */
    int number(String key) {
        String word = word(key);
        return word.matches("\\d{1,9}") ? Integer.parseInt(word) : 0;
    }

    /** The filter by a name that Pillow's users have for it; others get a note. */
    void filter(String name, String source) {
        switch (name) {
            case "bilinear", "random" -> {}
            case "bicubic" -> add("filter", "bicubic", source);
            default ->
                    warn(
                            "the model was trained on images that were resized with the filter '%s' (%s), and Millrace has bilinear and bicubic; scores differ a little"
                                    .formatted(name, source));
        }
    }

    void labels(List<String> names, String source) {
        if (labels.isEmpty() && !names.isEmpty()) {
            labels = Optional.of(new Labels(names, source));
        }
    }

    Optional<Labels> labels() {
        return labels;
    }

    void license(String name) {
        if (license.isEmpty() && !name.isBlank()) {
            license = Optional.of(name.replaceAll("\\s+", " ").strip());
        }
    }

    Optional<String> license() {
        return license;
    }

    /** Whether the kind has labels. */
    boolean isLabelled() {
        return List.of("classifier", "detector", "segmentation").contains(word("kind"));
    }

    /** Something that nothing says, and how it can be said. */
    void ask(String key, String how) {
        questions.put(key, how);
    }

    Map<String, String> questions() {
        return questions;
    }

    /** Something that the result does not have as the model was trained. */
    void warn(String sentence) {
        warnings.add(sentence);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
