package dev.millrace.bundle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The kinds of model that have a ready module, and what {@code model.yaml} may say of each. */
public enum Kind {
    CLASSIFIER(List.of(List.of("scores")), Map.of()),
    DETECTOR(
            List.of(
                    List.of("boxes", "scores"),
                    List.of("boxes", "score", "class"),
                    List.of("detections")),
            Map.of("score", 1.0)),
    EMBEDDING(List.of(List.of("embedding")), Map.of()),
    SEGMENTATION(List.of(List.of("classes")), Map.of("share", 1.0)),
    TEXT(List.of(List.of("map")), Map.of("bitmap", 1.0, "box", 1.0, "unclip", 10.0));

    /** A detector's output that says how many of its rows count. */
    static final String COUNT = "count";

    private final List<List<String>> forms;
    private final SortedMap<String, Double> thresholds;

    Kind(List<List<String>> forms, Map<String, Double> thresholds) {
        this.forms = forms;
        this.thresholds = new TreeMap<>(thresholds);
    }

    /** The ready kind of this name; empty for the name of a class. */
    static Optional<Kind> named(String name) {
        return Arrays.stream(values()).filter(kind -> kind.label().equals(name)).findFirst();
    }

    public static List<String> labels() {
        return Arrays.stream(values()).map(Kind::label).toList();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean hasLabels() {
        return this == CLASSIFIER || this == DETECTOR || this == SEGMENTATION;
    }

    /** Options and the values that each may have. */
    Map<String, List<String>> options() {
        return this == SEGMENTATION ? Map.of("mask", List.of("true", "false")) : Map.of();
    }

    /** Sets of roles, of one of which each needs an output. */
    List<List<String>> forms() {
        return forms;
    }

    /** All roles that an output may have. */
    List<String> roles() {
        List<String> roles = new ArrayList<>();
        forms.forEach(
                form -> form.stream().filter(role -> !roles.contains(role)).forEach(roles::add));
        if (this == DETECTOR) {
            roles.add(COUNT);
        }
        return roles;
    }

    /** Each is from 0 to this. */
    SortedMap<String, Double> thresholds() {
        return thresholds;
    }
}
