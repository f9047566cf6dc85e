package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.yaml.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets that sign callbacks, for all hosts and for one, and where a file must not show them. */
class CallbackSecretsTest {
    private static final String SECRET = "tok3n";

    @TempDir private Path folder;

    private WorkerConfig read(String yaml, Map<String, String> environment) throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("safety"));
        Path file =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        queue: {url: "http://127.0.0.1:1/0/q"}
                        models: [{task: safety, bundle: %s}]
                        %s
                        """
                                .formatted(bundle, yaml));
        return ConfigReader.read(file, environment);
    }

    @Test
    void eachHostHasItsOwn() throws IOException {
        Callback callback =
                read(
                                """
                                callback:
                                  secrets: [whsec_a]
                                  hosts:
                                    - {host: results.example.com, secrets: [whsec_new, whsec_old]}
                                    - {host: "*.example.org", secrets: whsec_c}
                                """,
                                Map.of())
                        .callback();
        assertEquals(List.of("whsec_a"), callback.secrets());
        assertEquals(
                List.of(
                        new Callback.Host("results.example.com", List.of("whsec_new", "whsec_old")),
                        new Callback.Host("*.example.org", List.of("whsec_c"))),
                callback.hosts());
    }

    /** So that no secret need be in the file. */
    @Test
    void variablesGoBeforeTheFileAndAddHosts() throws IOException {
        Callback callback =
                read(
                                "callback: {hosts: [{host: results.example.com}]}",
                                Map.of(
                                        "MILLRACE_CALLBACK_HOSTS_0_SECRETS",
                                        "whsec_new, whsec_old",
                                        "MILLRACE_CALLBACK_HOSTS_1_HOST",
                                        "*.example.org",
                                        "MILLRACE_CALLBACK_HOSTS_1_SECRETS",
                                        "whsec_c"))
                        .callback();
        assertEquals(
                List.of(
                        new Callback.Host("results.example.com", List.of("whsec_new", "whsec_old")),
                        new Callback.Host("*.example.org", List.of("whsec_c"))),
                callback.hosts());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{host: a.test}]             | callback.hosts[0].secrets: missing; ",
                "[{host: a.test, secrets: []}] | callback.hosts[0].secrets: missing; ",
                "[{secrets: [whsec_tok3n]}]   | callback.hosts[0].host: missing; ",
                "{a.test: {secrets: [tok3n]}} | callback.hosts must be a list of mappings",
                "tok3n                        | callback.hosts must be a list of mappings",
                "[tok3n]                      | callback.hosts[0] must be a mapping with host, secrets",
                "[[tok3n]]                    | callback.hosts[0] must be a mapping with host, secrets",
                "[{host: [tok3n], secrets: [a]}] | callback.hosts[0].host: '[…]' must be a single value",
                "[{host: whsec_tok3n/+=}]     | callback.hosts[0].secrets: missing; ",
                "[{host: a.test, secrets: {x: tok3n}}] | callback.hosts[0].secrets must be a list of values",
                "[{host: a.test, secret: tok3n}] | callback.hosts[0].secret: 'secret' is not a key",
                "[{host: a.test, whsec_tok3n: a}] | 'whsec_…' is not a key of this section",
            })
    void aMistakeIsOneLineWithoutTheSecret(String yaml, String said) {
        Mistake line = mistake("callback: {hosts: " + yaml + "}");
        assertTrue(line.getMessage().contains(said), line.getMessage());
    }

    /** Wherever a secret stands by mistake. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "callback: tok3n",
                "callback: [tok3n]",
                "callback: [{host: a.test, secrets: [tok3n]}]",
                "callback: {timeout: {secrets: tok3n}}",
                "callback: {timeout: whsec_tok3n}",
                "callback: {attempts: [tok3n]}",
                "callback: {allowHosts: {a.test: {secrets: tok3n}}}",
                "queue: [{secrets: tok3n}]",
                "models: {secrets: tok3n}",
                "http: {port: whsec_tok3n}",
                "whsec_tok3n: 1",
                "callback: {whsec_tok3n: 1}",
                "callback: {secrets: [whsec_tok3n}",
                "callback: {secrets: \"whsec_tok3n}",
            })
    void noMistakeElsewhereShowsOne(String yaml) {
        mistake(yaml);
    }

    private Mistake mistake(String yaml) {
        Mistake line = assertThrows(Mistake.class, () -> read(yaml, Map.of()));
        assertEquals(1, line.getMessage().lines().count(), line.getMessage());
        assertFalse(line.getMessage().contains(SECRET), line.getMessage());
        return line;
    }

    @Test
    void noDumpShowsOne() throws IOException {
        String dump =
                read("callback: {hosts: [{host: a.test, secrets: [tok3n]}]}", Map.of()).toString();
        assertTrue(dump.contains("a.test"), dump);
        assertFalse(dump.contains(SECRET), dump);
    }
}
