package dev.millrace.lab.imports;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.millrace.bundle.DeclarationFuzz;
import dev.millrace.bundle.ModelFolder;
import dev.millrace.bundle.Nodes;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whatever a model's metadata or the files beside it say: facts, or {@link ConfigException} with
 * one line; and the {@code model.yaml} that is written of them is read or refused by one line. The
 * first letter says whose it is.
 */
public final class ImportFuzz {
    private static final List<String> OPENVINO =
            List.of(
                    "model_type",
                    "labels",
                    "mean_values",
                    "scale_values",
                    "resize_type",
                    "pad_value",
                    "reverse_input_channels",
                    "confidence_threshold");

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path FILE = DeclarationFuzz.temporary("config.json");

    private ImportFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        String given = new String(input, StandardCharsets.UTF_8);
        if (given.isEmpty()) {
            return;
        }
        try {
            Facts facts = facts(given.charAt(0), given.substring(1));
            Preset.COCO.read(facts);
            GraphLayout.outputs(model(List.of()), facts);
            ModelYaml yaml = new ModelYaml(facts);
            yaml.questions();
            List<String> head = new ArrayList<>(facts.warnings());
            facts.license().ifPresent(head::add);
            Optional<String> labels = facts.labels().map(found -> ModelYaml.list(found.names()));
            String text = yaml.text(head, labels);
            requireSame(facts.labels().orElseThrow().names(), YAML.readTree(text).path("labels"));
            DeclarationFuzz.fuzzerTestOneInput(text.getBytes(StandardCharsets.UTF_8));
        } catch (ConfigException e) {
            if (e.getMessage().isBlank() || e.getMessage().lines().count() != 1) {
                throw new AssertionError("not one line: " + e.getMessage());
            }
        }
    }

    /** What was written is YAML, and the labels that it holds are those that were found. */
    private static void requireSame(List<String> found, JsonNode written) {
        List<String> labels = new ArrayList<>();
        written.forEach(label -> labels.add(label.isNull() ? "" : label.asText()));
        if (!labels.equals(found)) {
            throw new AssertionError(found + " were written as " + labels);
        }
    }

    private static Facts facts(char whose, String text) throws IOException {
        Facts facts = new Facts();
        List<String> lines = text.lines().toList();
        switch (whose) {
            case 'U' -> {
                List<String> entries = new ArrayList<>();
                List<String> keys = List.of("names", "imgsz", "task", "license");
                for (int i = 0; i < Math.min(keys.size(), lines.size()); i++) {
                    entries.addAll(List.of(keys.get(i), lines.get(i)));
                }
                Ultralytics.read(model(entries), facts);
            }
            case 'O' -> {
                List<String> entries = new ArrayList<>();
                for (int i = 0; i < Math.min(OPENVINO.size(), lines.size()); i++) {
                    entries.addAll(List.of("model_info " + OPENVINO.get(i), lines.get(i)));
                }
                OpenVino.read(model(entries), facts);
            }
            default -> {
                Files.writeString(FILE, text);
                Optional<JsonFile> file =
                        JsonFile.in(ModelFolder.of(FILE), FILE.getFileName().toString());
                switch (whose) {
                    case 'C' -> HuggingFace.read(file, Optional.empty(), facts);
                    case 'P' -> HuggingFace.read(Optional.empty(), file, facts);
                    default -> Timm.read(file.orElseThrow(), facts);
                }
            }
        }
        return facts;
    }

    private static ModelSurface model(List<String> metadata) {
        ModelProto.Builder model = ModelProto.newBuilder();
        var graph = model.getGraphBuilder();
        graph.addNode(Nodes.node("Identity", "n", List.of("image"), List.of("output0")));
        for (String name : List.of("image", "output0")) {
            var info = name.equals("image") ? graph.addInputBuilder() : graph.addOutputBuilder();
            var tensor = info.setName(name).getTypeBuilder().getTensorTypeBuilder();
            tensor.setElemType(DataType.FLOAT_VALUE);
            tensor.getShapeBuilder().addDimBuilder().setDimParam("N");
            for (int side : name.equals("image") ? new int[] {3, 64, 64} : new int[] {84, 84}) {
                tensor.getShapeBuilder().addDimBuilder().setDimValue(side);
            }
        }
        for (int i = 0; i + 1 < metadata.size(); i += 2) {
            model.addMetadataProps(
                    StringStringEntryProto.newBuilder()
                            .setKey(metadata.get(i))
                            .setValue(metadata.get(i + 1)));
        }
        return ModelSurface.of(model.build());
    }
}
