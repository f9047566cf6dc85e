package dev.millrace.serve.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The description of the interface, as tests read it. */
final class Description {
    static final ObjectMapper JSON = new ObjectMapper();
    static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private Description() {}

    /** To change as one likes. */
    static ObjectNode read() {
        try {
            return (ObjectNode) JSON.readTree(Page.asset("/openapi.json").orElseThrow().body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a reference leads to; anything else is itself. */
    static JsonNode followed(JsonNode node) {
        return node.has("$ref") ? read().at(node.get("$ref").asText().substring(1)) : node;
    }

    /** What is wrong with a value by a schema of the description. */
    static List<String> mistakes(JsonNode schema, JsonNode value) {
        // With its surroundings, so that its references lead somewhere.
        ObjectNode whole = schema.deepCopy();
        whole.set("components", read().get("components"));
        return SCHEMAS.getSchema(whole.toString()).validate(value).stream()
                .map(Object::toString)
                .toList();
    }
}
