package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Request;
import dev.millrace.job.Stage;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {
    private static final String URLS = "\"url\":\"http://i/a.jpg\",\"callback_url\":\"http://c/\"";
    private static final UrlPolicy CALLBACKS =
            new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());

    private static Request parse(String body) throws MalformedRequestException, FailureException {
        return RequestParser.parse(body, "queue-id", CALLBACKS);
    }

    @Test
    void theLeastRequest() throws Exception {
        assertEquals(
                new Request(
                        "queue-id",
                        "http://i/a.jpg",
                        List.of("safety"),
                        new Destination.Callback(HttpUrl.get("http://c/")),
                        Optional.empty()),
                parse("{" + URLS + ",\"task\":\"safety\"}"));
    }

    @Test
    void everything() throws Exception {
        Request request =
                parse(
                        "{\"id\":\"mine\","
                                + URLS
                                + ",\"tasks\":[\"b\",\"a\"],\"metadata\":{\"n\":1.50,\"l\":[null]},\"extra\":1}");
        assertEquals("mine", request.id());
        assertEquals(List.of("b", "a"), request.tasks());
        assertEquals("{\"n\":1.50,\"l\":[null]}", request.metadata().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "-0.0",
                "1e99999999999",
                "-1e-99999999999",
                "123456789012345678901234567890.10",
                "true",
                "\"\"",
                "\"a \\\"quoted\\\" \\u00e9 é \\ud83d\\ude00 😀\"",
                "[]",
                "{}",
                "[ 1 , 2.00,\t[ [ ] ] ]",
                "{ \"a\" : 1,\n \"a\" : 2 }",
                "{\"é\":[{},{\"x\":null}],\"y\":-1.0E+2}"
            })
    void metadataIsKeptCharacterByCharacter(String metadata) throws Exception {
        String task = "\"task\":\"a\"";
        for (String body :
                List.of(
                        "{" + URLS + "," + task + ",\"metadata\":" + metadata + "}",
                        "{\"metadata\":" + metadata + "," + URLS + "," + task + "}",
                        " {\"é\": 1, \"metadata\" : "
                                + metadata
                                + "\n ,"
                                + URLS
                                + ","
                                + task
                                + "} ",
                        "{\"pad\":\""
                                + "p".repeat(70_000)
                                + "\",\"metadata\":"
                                + metadata
                                + " ,"
                                + URLS
                                + ","
                                + task
                                + "}")) {
            assertEquals(Optional.of(metadata), parse(body).metadata(), body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e99999999999", "-1e-99999999999", "1E+2147483648"})
    void aNumberBeyondAllBoundsIsOneOfTheWrongType(String number) throws Exception {
        String task = ",\"task\":\"a\"";
        parse("{" + URLS + task + ",\"unknown\":" + number + "}");
        for (String field : List.of("id", "url", "callback_url", "task", "tasks")) {
            String body = "{\"" + field + "\":" + number + "}";
            MalformedRequestException refusal =
                    assertThrows(MalformedRequestException.class, () -> parse(body));
            assertFalse(refusal.getMessage().isBlank());
        }
        MalformedRequestException refusal =
                assertThrows(
                        MalformedRequestException.class, () -> parse("{\"id\":" + number + "}"));
        assertEquals("id is a number; give a string", refusal.getMessage());
    }

    @Test
    void aForbiddenCallbackUrlIsRefused() {
        Failure failure =
                assertThrows(
                                FailureException.class,
                                () ->
                                        parse(
                                                "{\"url\":\"u\",\"task\":\"t\",\"callback_url\":\"http://169.254.169.254/\"}"))
                        .failure();
        assertEquals(Failure.Kind.URL_FORBIDDEN, failure.kind());
        assertEquals(Stage.CALLBACK, failure.stage());
    }

    @Test
    void nullIsAbsent() throws Exception {
        Request request =
                parse(
                        "{\"id\":null,"
                                + URLS
                                + ",\"task\":null,\"tasks\":[\"a\"],\"metadata\":null}");
        assertEquals("queue-id", request.id());
        assertEquals(Optional.empty(), request.metadata());
    }

    @Test
    void theLimitsThemselvesAreAllowed() throws Exception {
        String id = "i".repeat(256);
        String tasks = String.join(",", numbered(16));
        String start = "{\"id\":\"" + id + "\"," + URLS + ",\"tasks\":[" + tasks + "]";
        String fill = " ".repeat((1 << 20) - start.length() - 1);
        Request request = parse(start + fill + "}");
        assertEquals(id, request.id());
        assertEquals(16, request.tasks().size());
    }

    static Stream<Arguments> malformed() {
        String task = ",\"task\":\"safety\"}";
        return Stream.of(
                arguments("", "the body is empty"),
                arguments("  ", "the body is empty"),
                arguments("hello", "the body is not JSON: Unrecognized token 'hello'"),
                arguments("{\"url\":", "the body is not JSON: Unexpected end-of-input"),
                arguments("[1]", "the body is a list; a request is a JSON object"),
                arguments("\"x\"", "the body is a string; a request is a JSON object"),
                arguments("null", "the body is null; a request is a JSON object"),
                arguments("{" + URLS + task + " {}", "the body is not JSON: something follows"),
                arguments(
                        "{" + URLS + ",\"url\":\"http://j/\"" + task,
                        "url is given twice; give it once"),
                arguments(
                        "{" + URLS + ",\"metadata\":1,\"metadata\":2" + task,
                        "metadata is given twice; give it once"),
                arguments(
                        "{" + URLS + ",\"metadata\":[1,}" + task,
                        "the body is not JSON: Unexpected character"),
                arguments(
                        "{" + URLS + ",\"metadata\":\"" + "\\x" + "\"" + task,
                        "the body is not JSON: Unrecognized character escape"),
                arguments(
                        "{" + URLS + ",\"metadata\":" + "9".repeat(1001) + task,
                        "the body is not JSON: Number value length (1001) exceeds"),
                // No UTF-8 says it, so no result could be written.
                arguments(
                        "{" + URLS + ",\"metadata\":\"\ud83d\"" + task,
                        "the body contains half of a surrogate pair; send whole characters"),
                arguments(
                        "{" + URLS + ",\"metadata\":" + "[".repeat(40) + "]".repeat(40) + task,
                        "the body is not JSON: Document nesting depth"),
                arguments(
                        "{" + URLS + task + " ".repeat(1 << 20),
                        "the body has 1048643 bytes; send at most 1048576 bytes"),
                // 1 MiB of two-byte characters.
                arguments("{\"é\":\"" + "é".repeat(1 << 19) + "\"}", "the body has 1048585 bytes"),
                arguments("{\"callback_url\":\"http://c/\"" + task, "url is missing"),
                arguments("{\"url\":\"http://i/\"" + task, "callback_url is missing"),
                arguments(
                        "{\"url\":\"http://i/\",\"callback_url\":7" + task,
                        "callback_url is a number; give a string"),
                arguments(
                        "{\"url\":[\"http://i/\"],\"callback_url\":\"http://c/\"" + task,
                        "url is a list; give a string"),
                arguments("{\"url\":\" \",\"callback_url\":\"http://c/\"" + task, "url is empty"),
                arguments("{" + URLS + "}", "task is missing; give task or tasks"),
                arguments(
                        "{" + URLS + ",\"tasks\":[\"a\"]" + task,
                        "both task and tasks are given; give one of them"),
                arguments("{" + URLS + ",\"task\":{}}", "task is an object; give a string"),
                arguments("{" + URLS + ",\"task\":\"\"}", "task is empty"),
                arguments("{" + URLS + ",\"tasks\":\"a\"}", "tasks is a string; give a list"),
                arguments("{" + URLS + ",\"tasks\":[]}", "tasks has 0 entries; give 1 to 16"),
                arguments(
                        "{" + URLS + ",\"tasks\":[" + String.join(",", numbered(17)) + "]}",
                        "tasks has 17 entries; give 1 to 16"),
                arguments("{" + URLS + ",\"tasks\":[\"a\",\"b\",\"a\"]}", "tasks names 'a' twice"),
                arguments(
                        "{" + URLS + ",\"tasks\":[\"a\",true]}",
                        "tasks[1] is a boolean; give a string"),
                arguments("{\"id\":5," + URLS + task, "id is a number; give a string"),
                arguments("{\"id\":\"\"," + URLS + task, "id is empty"),
                arguments(
                        "{\"id\":\"" + "i".repeat(257) + "\"," + URLS + task,
                        "id has 257 characters; give at most 256 characters"),
                arguments(
                        "{\"id\":\"a\\nb\"," + URLS + task,
                        "id contains control characters; remove them"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void aBodyThatIsNoRequest(String body, String expected) {
        MalformedRequestException refusal =
                assertThrows(MalformedRequestException.class, () -> parse(body));
        assertTrue(refusal.getMessage().startsWith(expected), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count());
        assertTrue(refusal.getMessage().length() < 250, refusal.getMessage());
    }

    private static List<String> numbered(int count) {
        return Stream.iterate(0, i -> i + 1).limit(count).map(i -> "\"t" + i + "\"").toList();
    }

    /** The escape is plain text in the body, and half of a character in what it stands for. */
    @ParameterizedTest
    @ValueSource(strings = {"id", "url", "task", "callback_url"})
    void halfOfACharacterThatIsEscapedIsNoText(String field) {
        String body =
                "{\"id\":\"i\",\"url\":\"u\",\"task\":\"t\",\"callback_url\":\"c\"}"
                        .replaceFirst("(\"" + field + "\":\")", "$1\\\\ud800");
        String line = assertThrows(MalformedRequestException.class, () -> parse(body)).getMessage();
        assertTrue(line.contains(field) && line.contains("surrogate"), line);
    }
}
