package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The published schemas. */
public final class Contract {
    private static final Schema REQUEST = schema("request");
    private static final Schema RESULT = schema("result");

    private Contract() {}

    private static Schema schema(String name) {
        try {
            String text = Files.readString(Path.of("docs/schemas/" + name + ".schema.json"));
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Throws with what is wrong. */
    public static void requireResult(JsonNode result) {
        var errors = RESULT.validate(result);
        if (!errors.isEmpty()) {
            throw new AssertionError("no result by its schema: " + errors + "\n" + result);
        }
    }

    public static boolean isRequest(JsonNode body) {
        return REQUEST.validate(body).isEmpty();
    }

    /** The kinds of errors that the result schema allows. */
    public static JsonNode errorKinds() {
        return RESULT.getSchemaNode().at("/$defs/error/properties/kind/enum");
    }
}
