package dev.millrace.bundle;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.ResizeFilter;
import dev.millrace.api.ResizeRule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code model.yaml} declares, before anybody looked into the graph.
 *
 * @param file the {@code model.yaml}, for messages
 * @param inputName the graph's input; empty where it has only one
 * @param constants the values of the graph's other inputs by name, for one image
 * @param decoding how the outputs are meant; empty where they are what the module reads
 * @param pooling of an embedding
 * @param options what the module is told
 * @param candidates how many of a detector's boxes leave the graph; empty for all
 * @param maxBatch images per batch that suit the model; says nothing about what it computes
 * @param canonical the same content always as the same text, whatever its layout and comments
 */
public record Declaration(
        Path file,
        String kind,
        Optional<String> inputName,
        Map<String, List<Double>> constants,
        int width,
        int height,
        ResizeRule resize,
        ResizeFilter filter,
        Fidelity fidelity,
        ColorOrder colorOrder,
        Normalization normalization,
        List<String> labels,
        Map<String, String> outputs,
        Map<String, Double> thresholds,
        Optional<ModelSpec.Nms> nms,
        Optional<Decoding> decoding,
        Pooling pooling,
        Map<String, String> options,
        Optional<Integer> candidates,
        Optional<String> version,
        Optional<Integer> maxBatch,
        String canonical) {

    public Optional<Kind> readyKind() {
        return Kind.named(kind);
    }

    /**
     * The spec for modules.
     *
     * @param hash of the bundle's content
     * @param outputs role to output name in the graph as it leaves the cache
     * @param cut off behind the outputs
     */
    public ModelSpec spec(String hash, Map<String, String> outputs, Suppression cut) {
        String content = hash.substring(0, 12);
        return new ModelSpec(
                name(),
                version.map(declared -> declared + "+" + content).orElse(content),
                kind,
                width,
                height,
                resize,
                filter,
                fidelity,
                colorOrder,
                normalization,
                labels,
                outputs,
                cut.thresholds(thresholds),
                nms.or(cut::nms),
                options);
    }

    /**
     * Role to output name in the graph that comes out: a tail has names of its own, and a detector
     * with one class for each box other roles.
     */
    public Map<String, String> graftedOutputs() {
        if (!hasTail()) {
            return outputs;
        }
        Map<String, String> names = new LinkedHashMap<>();
        for (String role : graftedRoles()) {
            names.put(role, Nodes.PREFIX + role);
        }
        return names;
    }

    /** Whether nodes stand behind the outputs. */
    public boolean hasTail() {
        boolean always =
                readyKind()
                        .filter(kind -> kind == Kind.EMBEDDING || kind == Kind.SEGMENTATION)
                        .isPresent();
        return always || decoding.isPresent() || candidates.isPresent();
    }

    private List<String> graftedRoles() {
        if (readyKind().filter(Kind.DETECTOR::equals).isEmpty()) {
            return List.copyOf(outputs.keySet());
        }
        boolean sparse =
                outputs.containsKey("score")
                        || decoding.filter(
                                        it -> it.bestOnly() || it.columns().contains(Column.SCORE))
                                .isPresent();
        return sparse ? List.of("boxes", "score", "class") : List.of("boxes", "scores");
    }

    /** Whether {@code normalize} changes a value at all. */
    public boolean normalizes() {
        boolean plain =
                normalization.scale() == 1
                        && normalization.mean().stream().allMatch(mean -> mean == 0)
                        && normalization.std().stream().allMatch(std -> std == 1);
        return !plain;
    }

    /** All that decides how the graph is grafted, for whoever compares two grafts. */
    public String graft() {
        return "%sx%s, scale %s, mean %s, std %s, outputs %s"
                        .formatted(
                                width,
                                height,
                                normalization.scale(),
                                normalization.mean(),
                                normalization.std(),
                                new TreeMap<>(outputs))
                + (colorOrder == ColorOrder.GRAY ? ", one channel" : "")
                + candidates.map(count -> ", candidates " + count).orElse("")
                + (pooling.isNone() ? "" : ", " + pooling)
                + decoding.map(how -> ", " + how).orElse("")
                + (constants.isEmpty() ? "" : ", constants " + new TreeMap<>(constants));
    }

    /** A bundle is called like its folder. */
    String name() {
        return file.toAbsolutePath().normalize().getParent().getFileName().toString();
    }

    public BundleException wrong(String key, Object value, String remedy) {
        return BundleException.of(file, key, value, remedy);
    }
}
