package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Whoever makes a mistake in a configuration reads one line that names the key, the value and the
 * remedy.
 */
class ConfigMistakesTest {
    private static final Path ENGINES = Path.of("engines").toAbsolutePath();

    private static final String GOOD =
            """
            queue:
              url: http://127.0.0.1:1/000000000000/images
              visibility: 60s
            fetch:
              maxBytes: 20MiB
              allowAddresses: [127.0.0.0/8]
            device:
              type: host
            models:
              - {task: safety, bundle: ENGINES/safety}
            http:
              port: 0
            """
                    .replace("ENGINES", ENGINES.toString());

    @TempDir private Path folder;

    /** What is replaced, by what, and the words that the line must have. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(
                        "an unknown key",
                        "visibility: 60s",
                        "visibilty: 60s",
                        "queue.visibilty",
                        "did you mean visibility"),
                mistake(
                        "a bad duration",
                        "visibility: 60s",
                        "visibility: soon",
                        "queue.visibility",
                        "'soon'",
                        "write it like 1500ms, 60s or 5m"),
                mistake(
                        "a duration that SQS does not have",
                        "visibility: 60s",
                        "visibility: 24h",
                        "queue.visibility",
                        "12"),
                // The queue of this configuration does not answer, which is found out later.
                mistake(
                        "a secret that is none",
                        "device:",
                        "callback:\n  secrets: [abc]\ndevice:",
                        "callback.secrets",
                        "whsec_"),
                mistake(
                        "a bad size",
                        "maxBytes: 20MiB",
                        "maxBytes: lots",
                        "fetch.maxBytes",
                        "'lots'",
                        "write it like 20MiB"),
                mistake(
                        "a default callback at an address that nobody allowed",
                        "device:",
                        "source:\n  defaults: {callback: 'http://169.254.169.254/r'}\ndevice:",
                        "source.defaults.callback",
                        "callback.allowAddresses"),
                mistake(
                        "two defaults for results",
                        "device:",
                        "source:\n  defaults: {callback: 'https://c.example/r', results: {stdout: true}}\ndevice:",
                        "source.defaults",
                        "both callback and results"),
                mistake(
                        "a default task that no model serves",
                        "device:",
                        "source:\n  defaults: {tasks: [safety, tags]}\ndevice:",
                        "source.defaults.tasks",
                        "'tags'",
                        "use one of safety"),
                bucket("allowBuckets: [Photos]", "'Photos' is not the name of a bucket"),
                bucket("allowBuckets: [photos, s3://scans]", "'s3://scans' is not the name"),
                bucket("allowBuckets: [photos, photos]", "'photos' is there twice"),
                bucket("allowBuckets: [{bucket: a/b}]", "[0].bucket: 'a/b' is not the name"),
                bucket("allowBuckets: [{owner: '123456789012'}]", "[0].bucket: missing"),
                bucket("allowBuckets: [{bucket: abc, owner: 1234}]", "12 digits in quotation"),
                bucket("allowBuckets: [{bucket: abc, prefx: a}]", "did you mean prefix"),
                bucket("allowBuckets: [photos, {bucket: abc}]", "must be a mapping"),
                bucket("requesterPays: true", "list the buckets that messages may name"),
                mistake(
                        "a store without a host",
                        "maxBytes: 20MiB",
                        "s3: {endpoint: 'localhost:9000', allowBuckets: [photos]}",
                        "fetch.s3.endpoint",
                        "like http://minio.internal:9000"),
                mistake(
                        "a store with a path",
                        "maxBytes: 20MiB",
                        "s3: {endpoint: 'http://localhost:9000/a', allowBuckets: [photos]}",
                        "fetch.s3.endpoint",
                        "without a path"),
                mistake(
                        "no region",
                        "maxBytes: 20MiB",
                        "s3: {region: Frankfurt, allowBuckets: [photos]}",
                        "fetch.s3.region",
                        "like eu-central-1"),
                mistake(
                        "a batch that no machine is done with in time",
                        "type: host",
                        "batchTimeout: 50ms",
                        "device.batchTimeout",
                        "50ms",
                        "use 1s or more"),
                mistake(
                        "own hosts without a cap",
                        "maxBytes: 20MiB",
                        "ownHosts: images.example.com",
                        "fetch.ownHosts",
                        "fetch.perHost is not set"),
                mistake(
                        "an own host that is a URL",
                        "maxBytes: 20MiB",
                        "perHost: 8\n  ownHosts: 'https://a.example.com'",
                        "fetch.ownHosts",
                        "'https://a.example.com'",
                        "write it like"),
                mistake("no downloads", "maxBytes: 20MiB", "perHost: 0", "fetch.perHost", "'0'"),
                mistake(
                        "a bad CIDR",
                        "127.0.0.0/8",
                        "127.0.0.0/88",
                        "fetch.allowAddresses",
                        "127.0.0.0/88"),
                mistake(
                        "a device that there is not",
                        "type: host",
                        "type: tpu",
                        "device.type",
                        "'tpu'",
                        "auto, host, cuda"),
                mistake(
                        "a missing bundle",
                        "/safety}",
                        "/safty}",
                        "models[0].bundle",
                        "safty",
                        "give one that holds model.onnx and model.yaml"),
                mistake(
                        "a bundle without a model",
                        ENGINES + "/safety}",
                        ".}",
                        "safety",
                        "model.yaml"),
                mistake(
                        "a number out of range",
                        "port: 0",
                        "port: 70000",
                        "http.port",
                        "'70000'",
                        "from 0 to 65535"),
                mistake(
                        "a batch of nothing",
                        "/safety}",
                        "/safety, maxBatch: 0}",
                        "models[0].maxBatch",
                        "'0'",
                        "from 1"),
                mistake(
                        "a task twice",
                        "models:\n",
                        "models:\n  - {task: safety, bundle: " + ENGINES + "/objects}\n",
                        "models",
                        "'safety'",
                        "a task of its own"),
                mistake(
                        "no queue",
                        "url: http://127.0.0.1:1/000000000000/images",
                        "region: eu-central-1",
                        "queue.url",
                        "missing",
                        "MILLRACE_QUEUE_URL"),
                mistake("no YAML", "queue:", "queue: [", "line", "is never closed"),
                mistake(
                        "an unreachable queue",
                        "visibility: 60s",
                        "visibility: 61s",
                        "queue.url",
                        "http://127.0.0.1:1/000000000000/images"));
    }

    private static Arguments bucket(String written, String said) {
        return mistake(
                "of buckets: " + written,
                "maxBytes: 20MiB",
                "s3: {" + written + "}",
                "fetch.s3.allowBuckets",
                said);
    }

    private static Arguments mistake(String name, String good, String bad, String... words) {
        return Arguments.argumentSet(name, good, bad, List.of(words));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsAnsweredByOneLine(String good, String bad, List<String> words) throws Exception {
        assertTrue(GOOD.contains(good), "the mistake must change something");
        assertOneLine(worker(GOOD.replace(good, bad)), words);
    }

    @ParameterizedTest
    @MethodSource("labels")
    void wrongLabelsAreAnsweredByOneLine(String labels, List<String> words) throws Exception {
        Path bundle = Files.createDirectory(folder.resolve("safety"));
        Files.copy(ENGINES.resolve("safety/model.onnx"), bundle.resolve("model.onnx"));
        String yaml = Files.readString(ENGINES.resolve("safety/model.yaml"));
        Files.writeString(
                bundle.resolve("model.yaml"), yaml.replaceAll("labels: .*", "labels: " + labels));
        assertOneLine(worker(GOOD.replace(ENGINES + "/safety}", bundle + "}")), words);
    }

    static Stream<Arguments> labels() {
        return Stream.of(
                Arguments.of("[Drawing, Neutral]", List.of("labels", "2", "5")),
                Arguments.of("nowhere.txt", List.of("labels", "nowhere.txt")));
    }

    private static void assertOneLine(String said, List<String> words) {
        assertEquals(1, said.lines().count(), said);
        words.forEach(word -> assertTrue(said.contains(word), said + " lacks " + word));
    }

    private String worker(String yaml) throws IOException {
        Path config = Files.writeString(folder.resolve("worker.yaml"), yaml);
        StringWriter said = new StringWriter();
        CommandLine commands = Millrace.commands().setErr(new PrintWriter(said, true));
        int code = commands.execute("worker", "--config", config.toString());
        assertEquals(Millrace.MISTAKE, code, said.toString());
        return said.toString();
    }
}
