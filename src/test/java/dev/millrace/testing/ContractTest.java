package dev.millrace.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.Contents;
import dev.millrace.source.ContentsReader;
import dev.millrace.source.Destinations;
import dev.millrace.source.MalformedRequestException;
import dev.millrace.source.RequestDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The published contract is what the code does. */
class ContractTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'url': 'http://a.test/', 'task': 'x', 'callback_url': 'http://b.test/'}",
                "{'id': 'i', 'url': 'http://a.test/', 'tasks': ['x', 'y'], 'callback_url': 'c'}",
                "{'url': 'u', 'task': 'x', 'callback_url': 'c', 'metadata': [1, {'a': null}]}",
                "{'url': 'u', 'task': 'x', 'callback_url': 'c', 'unknown': 1}",
                "{'url': 'u', 'callback_url': 'c'}",
                "{'task': 'x', 'callback_url': 'c'}",
                "{'url': 'u', 'task': 'x'}",
                "{'url': 'u', 'task': 'x', 'results': {'sqs': 'https://sqs.test/1/q'}}",
                "{'url': 'u', 'task': 'x', 'results': {'sns': 'not an ARN'}}",
                "{'url': 'u', 'task': 'x', 'results': {'s3': 's3://b/p/'}, 'callback_url': 'c'}",
                "{'url': 'u', 'task': 'x', 'results': {'sqs': 'a', 's3': 'b'}}",
                "{'url': 'u', 'task': 'x', 'results': {'stdout': 'a'}}",
                "{'url': 'u', 'task': 'x', 'results': {'sqs': 1}}",
                "{'url': 'u', 'task': 'x', 'results': {}}",
                "{'url': 'u', 'task': 'x', 'results': 'sqs'}",
                "{'url': 'u', 'task': 'x', 'tasks': ['x'], 'callback_url': 'c'}",
                "{'url': 'u', 'tasks': [], 'callback_url': 'c'}",
                "{'url': 'u', 'tasks': ['x', 'x'], 'callback_url': 'c'}",
                "{'url': 'u', 'tasks': [1], 'callback_url': 'c'}",
                "{'url': 1, 'task': 'x', 'callback_url': 'c'}",
                "{'url': '', 'task': 'x', 'callback_url': 'c'}",
                "{'id': '', 'url': 'u', 'task': 'x', 'callback_url': 'c'}",
                "{'id': 7, 'url': 'u', 'task': 'x', 'callback_url': 'c'}",
                "{'Service': 'Amazon S3', 'Event': 's3:TestEvent', 'Bucket': 'b'}",
                "[]",
                "'text'",
                "7"
            })
    void theSchemaAndTheParserAgree(String body) throws IOException {
        String json = body.replace('\'', '"');
        assertEquals(Contract.isRequest(JSON.readTree(json)), parses(json), json);
    }

    /** By a worker that has defaults for what a message may leave out. */
    private static boolean parses(String json) {
        UrlPolicy callbacks =
                new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());
        ContentsReader reader =
                new ContentsReader(
                        Destinations.callbacks(callbacks)
                                .otherwise(new Destination.Callback(HttpUrl.get("http://c.test/"))),
                        new RequestDefaults(List.of("x"), Optional.empty()));
        try {
            Contents contents = reader.read(json, "message");
            return !contents.requests().isEmpty();
        } catch (FailureException e) {
            // Which hosts may be called is no matter of the schema.
            return true;
        } catch (MalformedRequestException e) {
            return false;
        }
    }

    @Test
    void theSchemaListsEveryErrorKind() {
        Set<String> kinds =
                Arrays.stream(Failure.Kind.values())
                        .map(Failure.Kind::wireName)
                        .collect(Collectors.toSet());
        Set<String> listed =
                Contract.errorKinds()
                        .valueStream()
                        .map(JsonNode::asText)
                        .collect(Collectors.toSet());
        assertEquals(kinds, listed);
    }

    @Test
    void theDocumentExplainsEveryErrorKindAndWhetherItIsTriedAgain() throws IOException {
        String document = Files.readString(Path.of("docs/contract.md"));
        for (Failure.Kind kind : Failure.Kind.values()) {
            String line =
                    document.lines()
                            .filter(row -> row.startsWith("| `" + kind.wireName() + "` |"))
                            .findFirst()
                            .orElse("");
            String again = kind.retryable() ? "| yes |" : "| no |";
            assertTrue(line.endsWith(again), kind + ": " + line);
        }
    }
}
