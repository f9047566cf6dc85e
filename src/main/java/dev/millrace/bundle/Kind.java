package dev.millrace.bundle;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kinds of model that have a ready module, and what {@code model.yaml} may say of each. */
enum Kind {
    CLASSIFIER(List.of("scores"), List.of()),
    DETECTOR(List.of("boxes", "scores"), List.of(Threshold.fraction("score"))),
    TEXT(
            List.of("map"),
            List.of(
                    Threshold.fraction("bitmap"),
                    Threshold.fraction("box"),
                    new Threshold("unclip", 10)));

    private final List<String> roles;
    private final List<Threshold> thresholds;

    Kind(List<String> roles, List<Threshold> thresholds) {
        this.roles = roles;
        this.thresholds = thresholds;
    }

    /** A threshold from 0 to {@code most}. */
    record Threshold(String name, double most) {
        static Threshold fraction(String name) {
            return new Threshold(name, 1);
        }
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

    List<Threshold> thresholds() {
        return thresholds;
    }
}
