package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The published schemas. */
public final class Contract {
    private static final Schema REQUEST = schema("request");
    private static final Schema RESULT = schema("result");
    private static final Schema LOG = schema("log");
    private static final Schema STATUS = schema("status");

    private Contract() {}

    private static Schema schema(String name) {
        return SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12,
                        registry -> registry.schemas(Contract::text))
                .getSchema(text(name + ".schema.json"));
    }

    /** A schema by its file's name, which is the end of its id. */
    private static String text(String id) {
        String name = id.substring(id.lastIndexOf('/') + 1);
        try {
            return Files.readString(Path.of("docs", "schemas", name));
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

    /** What is wrong with a line of the log; empty where nothing is. */
    public static List<String> wrongInLog(JsonNode line) {
        return LOG.validate(line).stream().map(Object::toString).toList();
    }

    /** What is wrong with an answer of {@code /status.json}; empty where nothing is. */
    public static List<String> wrongInStatus(JsonNode status) {
        return STATUS.validate(status).stream().map(Object::toString).toList();
    }

    public static boolean isRequest(JsonNode body) {
        return REQUEST.validate(body).isEmpty();
    }

    /** The kinds of errors that the result schema allows. */
    public static JsonNode errorKinds() {
        return RESULT.getSchemaNode().at("/$defs/error/properties/kind/enum");
    }
}
