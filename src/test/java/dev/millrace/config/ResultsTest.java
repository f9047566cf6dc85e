package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Destination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the configuration lets results go. */
class ResultsTest {
    @TempDir private Path folder;

    private Results read(String yaml, Map<String, String> environment) throws IOException {
        Files.createDirectories(folder.resolve("a"));
        Path file =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        queue: {url: "https://sqs.eu-central-1.amazonaws.com/1/images"}
                        models: [{task: a, bundle: a}]
                        %s
                        """
                                .formatted(yaml));
        return ConfigReader.read(file, environment).results();
    }

    @Test
    void listsAndDefaultAreRead() throws IOException {
        Results results =
                read(
                        """
                        source: {defaults: {results: {s3: "s3://out/verdicts/"}}}
                        results:
                          allowQueues: [https://sqs.eu-central-1.amazonaws.com/1/out]
                          allowTopics: ["arn:aws:sns:eu-central-1:123456789012:out"]
                          allowPrefixes: ["s3://out/", "s3://other/a/"]
                          snsEndpoint: http://localhost:4566
                        """,
                        Map.of());
        assertEquals(Optional.of(new Destination.Objects("out", "verdicts/")), results.otherwise());
        assertEquals(
                List.of("https://sqs.eu-central-1.amazonaws.com/1/out"), results.allowQueues());
        assertEquals(2, results.allowPrefixes().size());
        assertEquals("localhost", results.snsEndpoint().orElseThrow().getHost());
        assertEquals(Results.NONE, read("", Map.of()));
    }

    @Test
    void theEnvironmentGoesBefore() throws IOException {
        assertEquals(
                Optional.of(new Destination.Output()),
                read("", Map.of("MILLRACE_SOURCE_DEFAULTS_RESULTS_STDOUT", "true")).otherwise());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "results: {allowQueues: [out]}; results.allowQueues; is not the URL of a queue",
                "results: {allowTopics: [out]}; results.allowTopics; is not the ARN of a topic",
                "results: {allowPrefixes: ['s3://out/team']}; results.allowPrefixes; does not end with a slash",
                "results: {allowBuckets: [a]}; allowBuckets; is not a key of this section",
                "results: {snsEndpoint: nowhere}; results.snsEndpoint; is not a URL",
                "source: {defaults: {results: {sqs: 'x'}}}; source.defaults.results.sqs; is not the URL of a queue",
                "source: {defaults: {results: {stdout: true, s3: 's3://out/a/'}}}; source.defaults.results; name one of them",
            })
    void aMistakeIsOneLineThatNamesTheKey(String yaml, String key, String said) {
        ConfigException e = assertThrows(ConfigException.class, () -> read(yaml, Map.of()));
        assertTrue(e.getMessage().contains(key), e.getMessage());
        assertTrue(e.getMessage().contains(said), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }
}
