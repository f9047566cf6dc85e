package dev.millrace.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The list of models that {@code GET /v2/models} gives. */
final class Index {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Index() {}

    static byte[] of(List<ServedModel> models) {
        ObjectNode index = JSON.createObjectNode();
        ArrayNode list = index.putArray("models");
        for (ServedModel model : models) {
            ObjectNode one = list.addObject().put("name", model.task());
            one.putArray("versions").add(model.version());
            one.put("kind", model.kind()).put("model", model.name());
        }
        try {
            return JSON.writeValueAsBytes(index);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
