package dev.millrace.serve.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecificationVersion;
import dev.millrace.job.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The description is OpenAPI, agrees with the contract, and what it shows obeys what it says. */
class OpenApiTest {
    /** Of the errors that only who waits can see; the others are the contract's. */
    private static final Set<String> OF_WAITING =
            Set.of("malformed", "unauthorized", "forbidden", "not_ready", "busy", "deadline");

    /** Of the contract's kinds those that no answer has: nobody waits for a queue's message. */
    private static final Set<Failure.Kind> OF_THE_QUEUE =
            Set.of(Failure.Kind.CALLBACK_FAILED, Failure.Kind.LEASE_LOST);

    private static Schema openApi() throws IOException {
        return Description.SCHEMAS.getSchema(
                Files.readString(Path.of("src/test/resources/openapi/schema-3.1.json")));
    }

    @Test
    void itIsOpenApi() throws IOException {
        assertEquals(List.of(), openApi().validate(Description.read()));
    }

    /** Otherwise the schema might allow anything. */
    @Test
    void theSchemaOfOpenApiSeesMistakes() throws IOException {
        ObjectNode untitled = Description.read();
        ((ObjectNode) untitled.get("info")).remove("title");
        assertFalse(openApi().validate(untitled).isEmpty());
        ObjectNode odd = Description.read();
        ((ObjectNode) odd.at("/paths/~1v2/get")).putObject("responses").put("200", "ok");
        assertFalse(openApi().validate(odd).isEmpty());
    }

    @Test
    void itsSchemasAreSchemas() throws IOException {
        Schema metaschema =
                Description.SCHEMAS.getSchema(
                        SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
        for (Map.Entry<String, JsonNode> schema :
                Description.read().at("/components/schemas").properties()) {
            assertEquals(List.of(), metaschema.validate(schema.getValue()), schema.getKey());
        }
        assertFalse(
                metaschema
                        .validate(Description.JSON.readTree("{\"type\": \"number of\"}"))
                        .isEmpty());
    }

    @Test
    void everyReferenceLeadsSomewhere() throws IOException {
        JsonNode description = Description.read();
        List<String> lost = new ArrayList<>();
        List<String> references = description.findValuesAsText("$ref");
        references.stream()
                .filter(
                        to ->
                                !to.startsWith("#/")
                                        || description.at(to.substring(1)).isMissingNode())
                .forEach(lost::add);
        assertEquals(List.of(), lost);
        assertTrue(references.size() > 60, references.size() + " were found");
    }

    @Test
    void theResultIsTheContracts() throws IOException {
        JsonNode published =
                Description.JSON.readTree(Path.of("docs/schemas/result.schema.json").toFile());
        String moved = published.toString().replace("#/$defs/", "#/components/schemas/");
        ObjectNode result = (ObjectNode) Description.JSON.readTree(moved);
        JsonNode parts = result.remove("$defs");
        result.remove(List.of("$schema", "$id"));
        JsonNode shown = Description.read().at("/components/schemas");
        assertEquals(result, shown.get("result"));
        parts.properties().forEach(part -> assertEquals(part.getValue(), shown.get(part.getKey())));
    }

    @Test
    void eachKindOfErrorHasAStatus() throws IOException {
        JsonNode responses = Description.read().at("/components/responses");
        List<String> told = new ArrayList<>();
        responses.forEach(
                response ->
                        response.path("x-error-kinds").forEach(kind -> told.add(kind.asText())));
        Set<String> kinds =
                Stream.of(Failure.Kind.values())
                        .filter(kind -> !OF_THE_QUEUE.contains(kind))
                        .map(Failure.Kind::wireName)
                        .collect(Collectors.toCollection(TreeSet::new));
        kinds.addAll(OF_WAITING);
        assertEquals(kinds, new TreeSet<>(told));
        assertEquals(new HashSet<>(told).size(), told.size(), "a kind has one status: " + told);
    }

    @Test
    void thePageHasASentenceForEachKindAndStatus() throws IOException {
        String script =
                new String(
                        Page.asset("/verdict.js").orElseThrow().body(),
                        java.nio.charset.StandardCharsets.UTF_8);
        Set<String> missing = new TreeSet<>();
        for (JsonNode response : Description.read().at("/components/responses")) {
            for (JsonNode kind : response.path("x-error-kinds")) {
                if (!script.contains("\n  " + kind.asText() + ": \"")) {
                    missing.add(kind.asText());
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void eachExampleObeysItsSchema() {
        int held = 0;
        for (JsonNode content : Description.read().findValues("application/json")) {
            for (JsonNode example : content.path("examples")) {
                assertEquals(
                        List.of(),
                        Description.mistakes(content.get("schema"), example.get("value")),
                        example.toString());
                held++;
            }
        }
        assertTrue(held > 8, held + " were found");
    }

    /** The page shows a description as sentences with code in backquotes, and as nothing else. */
    @Test
    void noDescriptionHasMarkupThatThePageDoesNotShow() throws IOException {
        List<String> texts = new ArrayList<>(Description.read().findValuesAsText("description"));
        texts.addAll(Description.read().findValuesAsText("summary"));
        Pattern markup = Pattern.compile("\\*\\*|\\]\\(|<[a-z]|^[#-] ");
        assertEquals(List.of(), texts.stream().filter(markup.asPredicate()).toList());
        assertEquals(
                List.of(),
                texts.stream()
                        .filter(text -> text.chars().filter(c -> c == '`').count() % 2 != 0)
                        .toList());
    }
}
