package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.yaml.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers that an operator adds; their values are secrets until the opposite is known. */
class CallHeadersTest {
    private static final String SECRET = "tok3n";

    @TempDir private Path folder;

    private WorkerConfig read(String callback, Map<String, String> environment) throws IOException {
        Files.createDirectories(folder.resolve("a"));
        Path file =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        queue: {url: "https://sqs.eu-central-1.amazonaws.com/1/images"}
                        models: [{task: a, bundle: a}]
                        %s
                        """
                                .formatted(callback));
        return ConfigReader.read(file, environment);
    }

    @Test
    void theFileAndTheEnvironmentGiveThem() throws IOException {
        CallHeaders headers =
                read(
                                """
                                callback:
                                  userAgent: Results/1
                                  headers: {Authorization: from the file, X-Team-Name: vision, X-None: ""}
                                """,
                                Map.of(
                                        "MILLRACE_CALLBACK_HEADERS_AUTHORIZATION", "Bearer abc",
                                        "MILLRACE_CALLBACK_HEADERS_X_API_KEY", "k, with; signs",
                                        "MILLRACE_CALLBACK_HEADERS_X_TEAM_NAME", "sight",
                                        "MILLRACE_FETCH_USER_AGENT", "Images/2 (+https://a.test)"))
                        .headers();
        assertEquals(
                Map.of(
                        "Authorization", "Bearer abc",
                        "X-Team-Name", "sight",
                        "x-api-key", "k, with; signs",
                        "User-Agent", "Results/1"),
                headers.ofCallbacks());
        assertEquals(Map.of("User-Agent", "Images/2 (+https://a.test)"), headers.ofDownloads());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "headers: {'X Y': tok3n}         | 'X Y' cannot be the name of a header",
                "headers: {'X:Y': tok3n}         | 'X:Y' cannot be the name of a header",
                "headers: {\"X\\nY\": tok3n}     | 'X?Y' cannot be the name of a header",
                "headers: {Host: tok3n}          | 'Host' is a header that the worker sets itself",
                "headers: {content-length: 3}    | 'content-length' is a header that the worker",
                "headers: {Content-Type: tok3n}  | 'Content-Type' is a header that the worker",
                "headers: {Webhook-Id: tok3n}    | 'Webhook-Id' is a header that the worker",
                "headers: {User-Agent: tok3n}    | set callback.userAgent",
                "headers: {X-A: a, x-a: tok3n}   | the header 'x-a' is there twice",
                "headers: {X-A: \"tok3n\\r\\nb: c\"} | callback.headers.X-A: the value (not shown)",
                "headers: {X-A: tok3n-ü}         | callback.headers.X-A: the value (not shown)",
                "headers: {X-A: [tok3n]}         | callback.headers.X-A must be a single value",
                "headers: tok3n                  | callback.headers must be a mapping of names",
                "userAgent: \"tok3n\\nb\"        | callback.userAgent: the value (not shown)",
                "secrets: {a: tok3n}             | callback.secrets must be a list of values",
                "secrets: [[tok3n]]              | callback.secrets must be a list of values",
            })
    void aMistakeIsOneLineWithoutTheValue(String yaml, String said) {
        Mistake line =
                assertThrows(Mistake.class, () -> read("callback: {" + yaml + "}", Map.of()));
        assertTrue(line.getMessage().contains(said), line.getMessage());
        assertEquals(1, line.getMessage().lines().count(), line.getMessage());
        assertFalse(line.getMessage().contains(SECRET), line.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Encoding",
                "Transfer-Encoding",
                "Connection",
                "Keep-Alive",
                "Accept-Encoding",
                "Expect",
                "TE",
                "Trailer",
                "Upgrade",
                "Proxy-Authorization",
                "webhook-signature"
            })
    void whatSaysHowARequestIsReadIsTheWorkersOwn(String name) {
        Mistake line =
                assertThrows(
                        Mistake.class,
                        () -> read("callback: {headers: {" + name + ": tok3n}}", Map.of()));
        assertTrue(
                line.getMessage().contains("'" + name + "' is a header that the worker sets"),
                line.getMessage());
    }

    @Test
    void asManyAndAsLongOnesAsAHostTakes() throws IOException {
        Map<String, String> many = new TreeMap<>();
        for (int i = 0; i < 32; i++) {
            many.put("MILLRACE_CALLBACK_HEADERS_X_" + i, "v".repeat(4096));
        }
        assertEquals(32, read("", many).headers().callbacks().size());
        many.put("MILLRACE_CALLBACK_HEADERS_X_0", "v".repeat(4097));
        Mistake tooLong = assertThrows(Mistake.class, () -> read("", many));
        assertTrue(tooLong.getMessage().contains("callback.headers.x-0: the value (not shown)"));
        many.put("MILLRACE_CALLBACK_HEADERS_X_0", "v");
        many.put("MILLRACE_CALLBACK_HEADERS_X_32", "v");
        Mistake tooMany = assertThrows(Mistake.class, () -> read("", many));
        assertTrue(
                tooMany.getMessage().contains("callback.headers: it has 33 headers, more than"),
                tooMany.getMessage());
    }

    @Test
    void aVariableThatCannotBeSentIsNamedWithoutItsValue() {
        Map<String, String> environment = Map.of("MILLRACE_CALLBACK_HEADERS_X_A", "tok3n\nb: c");
        Mistake line = assertThrows(Mistake.class, () -> read("", environment));
        assertTrue(line.getMessage().contains("callback.headers.x-a"), line.getMessage());
        assertFalse(line.getMessage().contains(SECRET), line.getMessage());
    }

    @Test
    void noDumpShowsASecret() throws IOException {
        String dump =
                read("callback: {headers: {X-A: tok3n}, secrets: [whsec_tok3n]}", Map.of())
                        .toString();
        assertTrue(dump.contains("X-A"), dump);
        assertFalse(dump.contains(SECRET), dump);
    }
}
