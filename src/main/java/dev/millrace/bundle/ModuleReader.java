package dev.millrace.bundle;

import static dev.millrace.yaml.Scalars.choice;
import static dev.millrace.yaml.Scalars.integer;
import static dev.millrace.yaml.Scalars.number;

import dev.millrace.api.ModelSpec;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys that say how a kind makes its result: thresholds, suppression, pooling and options. */
final class ModuleReader {
    private static final int MAX_CANDIDATES = 1 << 20;

    private final YamlSection root;
    private final String kindName;
    private final Optional<Kind> kind;

    /**
     * @param kind empty for a class of the user's own
     */
    ModuleReader(YamlSection root, String kindName, Optional<Kind> kind) {
        this.root = root;
        this.kindName = kindName;
        this.kind = kind;
    }

    Pooling pooling() {
        boolean embedding = kind.filter(Kind.EMBEDDING::equals).isPresent();
        for (String key : List.of("pool", "unit")) {
            if (!embedding && root.has(key)) {
                throw root.wrong(
                        key,
                        root.value(key),
                        "has an effect on the kind embedding only; remove it");
            }
        }
        return new Pooling(
                root.get("pool", choice(Pooling.Pool.class), Pooling.Pool.NONE),
                root.get("unit", Scalars::bool, false));
    }

    /** A class of the user's own is told whatever stands there. */
    Map<String, String> options() {
        if (!root.has("options")) {
            return Map.of();
        }
        Map<String, List<String>> known = kind.map(Kind::options).orElse(Map.of());
        if (kind.isPresent() && known.isEmpty()) {
            throw root.wrong(
                    "options",
                    root.value("options"),
                    "has no effect: a " + kindName + " has no options; remove it");
        }
        YamlSection section = root.section("options", String.join(", ", known.keySet()));
        Map<String, String> options = new LinkedHashMap<>();
        for (String name : section.keys()) {
            String value = section.text(name).orElse("");
            if (kind.isPresent() && !known.get(name).contains(value)) {
                throw section.wrong(name, value, "must be " + String.join(" or ", known.get(name)));
            }
            options.put(name, value);
        }
        return options;
    }

    Map<String, Double> thresholds(List<String> labels) {
        if (!root.has("thresholds")) {
            return Map.of();
        }
        Map<String, Double> known = new LinkedHashMap<>();
        kind.map(Kind::thresholds).ifPresent(known::putAll);
        if (kind.filter(Kind.CLASSIFIER::equals).isPresent()) {
            // One for all labels, and one for each.
            known.put("score", 1.0);
            labels.forEach(label -> known.put(label, 1.0));
        }
        if (kind.isPresent() && known.isEmpty()) {
            throw root.wrong(
                    "thresholds",
                    root.value("thresholds"),
                    "has no effect: a " + kindName + " has no thresholds; remove it");
        }
        YamlSection section = root.section("thresholds", String.join(", ", known.keySet()));
        double least = kind.isPresent() ? 0 : -Double.MAX_VALUE;
        Map<String, Double> thresholds = new LinkedHashMap<>();
        for (String name : section.keys()) {
            double most = known.getOrDefault(name, Double.MAX_VALUE);
            section.get(name, number(least, most)).ifPresent(it -> thresholds.put(name, it));
        }
        return thresholds;
    }

    Optional<ModelSpec.Nms> nms() {
        if (!root.has("nms")) {
            return Optional.empty();
        }
        refuseUnlessDetector("nms", true);
        YamlSection nms = root.section("nms", "iou, perClass");
        return Optional.of(
                new ModelSpec.Nms(
                        nms.get("iou", number(0, 1), 0.6),
                        nms.get("perClass", Scalars::bool, true)));
    }

    Optional<Integer> candidates() {
        if (root.has("candidates")) {
            refuseUnlessDetector("candidates", false);
        }
        return root.get("candidates", integer(1, MAX_CANDIDATES));
    }

    private void refuseUnlessDetector(String key, boolean classMayUseIt) {
        boolean fits = kind.map(Kind.DETECTOR::equals).orElse(classMayUseIt);
        if (!fits) {
            throw root.wrong(
                    key, root.value(key), "has an effect on the kind detector only; remove it");
        }
    }
}
