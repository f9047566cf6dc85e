package dev.millrace.gpu.cuda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads what TensorRT's inspector says about the layers of a plan. A pure function. */
final class LayerReader {
    private LayerReader() {}

    /**
     * The layers. A plan that was built with layer names only has no kinds and no precisions, which
     * are empty then.
     */
    static List<Layer> read(String json) {
        List<Layer> layers = new ArrayList<>();
        try {
            for (JsonNode layer : new ObjectMapper().readTree(json).path("Layers")) {
                layers.add(layer(layer));
            }
        } catch (JsonProcessingException e) {
            throw new DeviceException(
                    "TensorRT's description of the plan is not JSON: " + e.getOriginalMessage(), e);
        }
        return layers;
    }

    private static Layer layer(JsonNode layer) {
        if (layer.isTextual()) {
            return new Layer(layer.asText(), "", "");
        }
        return new Layer(
                layer.path("Name").asText(),
                layer.path("LayerType").asText(),
                precision(layer.path("Outputs").path(0).path("Format/Datatype").asText()));
    }

    /** From a sentence such as {@code Channel major FP16 format}, or TensorRT's older words. */
    private static String precision(String format) {
        String words = format.toUpperCase(Locale.ROOT);
        for (String name : List.of("BF16", "FP16", "FP32", "FP8", "INT8", "INT32", "INT64")) {
            if (words.contains(name)) {
                return name;
            }
        }
        if (words.contains("HALF")) {
            return "FP16";
        }
        return words.contains("FLOAT") ? "FP32" : format;
    }
}
