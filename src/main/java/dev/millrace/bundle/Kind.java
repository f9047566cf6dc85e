package dev.millrace.bundle;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The kinds of model that have a ready module, and what {@code model.yaml} may say of each. */
enum Kind {
    CLASSIFIER(List.of("scores"), Map.of()),
    DETECTOR(List.of("boxes", "scores"), Map.of("score", 1.0)),
    TEXT(List.of("map"), Map.of("bitmap", 1.0, "box", 1.0, "unclip", 10.0));

    private final List<String> roles;
    private final SortedMap<String, Double> thresholds;

    Kind(List<String> roles, Map<String, Double> thresholds) {
        this.roles = roles;
        this.thresholds = new TreeMap<>(thresholds);
    }

    /** The ready kind of this name; empty for the name of a class. */
    static Optional<Kind> named(String name) {
        return Arrays.stream(values()).filter(kind -> kind.label().equals(name)).findFirst();
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Kind::label).toList();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Each needs an output. */
    List<String> roles() {
        return roles;
    }

    /** Each is from 0 to this. */
    SortedMap<String, Double> thresholds() {
        return thresholds;
    }
}
