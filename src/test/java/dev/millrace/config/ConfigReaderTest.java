package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.StoreSettings;
import dev.millrace.source.QueueSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
    private static final String QUEUE = "https://sqs.eu-central-1.amazonaws.com/1/images";
    private static final String SMALLEST =
            """
            queue:
              url: %s
            models:
              - {task: a, bundle: a}
            """
                    .formatted(QUEUE);

    @TempDir private Path folder;

    @BeforeEach
    void bundle() throws IOException {
        Files.createDirectory(folder.resolve("a"));
        Files.createDirectory(folder.resolve("b"));
    }

    private WorkerConfig read(String yaml, Map<String, String> environment) throws IOException {
        return ConfigReader.read(
                Files.writeString(folder.resolve("worker.yaml"), yaml), environment);
    }

    @Test
    void whatIsLeftOutHasItsDefault() throws IOException {
        WorkerConfig expected =
                WorkerConfig.of(
                        QueueSettings.of(QUEUE),
                        List.of(WorkerConfig.Model.of("a", folder.resolve("a"))));
        assertEquals(expected, read(SMALLEST, Map.of()));
    }

    @Test
    void everyKeyIsRead() throws IOException {
        WorkerConfig read =
                read(
                        """
                        profile: latency
                        queue:
                          url: http://localhost:9324/000000000000/q
                          endpoint: http://localhost:9325
                          region: eu-north-1
                          visibility: 61s
                          wait: 3s
                          receivers: 4
                          deadline: 7m
                        source:
                          defaults:
                            tasks: [b, a]
                            callback: https://results.example.com/r
                            metadata: {from: "bucket", n: [1, 2.5, null]}
                        fetch:
                          userAgent: images/1
                          timeout: 11s
                          connectTimeout: 1500ms
                          readTimeout: 4s
                          maxBytes: 3MiB
                          maxRedirects: 1
                          perHost: 5
                          ownHosts: [images.example.com, "*.example.org"]
                          minimumRate: 2KiB
                          allowAddresses: [10.0.0.0/8, "::1/128"]
                          maxReceives: 2
                          s3:
                            endpoint: https://store.example.com
                            region: eu-west-3
                            requesterPays: true
                            allowBuckets:
                              - {bucket: photos, owner: "012345678901", prefix: 2026/}
                              - {bucket: scans}
                        callback:
                          timeout: 9s
                          attempts: 4
                          allowAddresses: 127.0.0.0/8
                          allowHosts: [results.example.com, "*.example.org"]
                          secrets: [whsec_a, whsec_b]
                          userAgent: results/2
                          headers: {X-Team: vision}
                        device:
                          type: host
                          simulate: 2,0.25
                          lanes: 3
                          index: 1
                          batchTimeout: 12s
                        engine:
                          onMissing: fail
                          buildTimeout: 3m
                          workspace: 512MiB
                          precision: fp32
                        models:
                          - {task: a, bundle: a, maxBatch: 16, linger: 7ms}
                          - {task: b, bundle: b}
                        preprocess:
                          threads: 6
                          decodeBytes: 300MiB
                        admission:
                          messages: 100
                          bytes: 300MiB
                        state:
                          directory: state
                          restarts: 6
                        quarantine:
                          receives: 2
                          timeout: 8s
                          memory: 1GiB
                        drain:
                          metadata: http://localhost:1338
                          preStop: true
                        log:
                          sample: 0.01
                        http:
                          port: 9400
                          bind: 0.0.0.0
                          allowedHosts: [worker-1]
                        cache: kept
                        reload: 5s
                        watchdog: 45s
                        trace: t.json
                        """,
                        Map.of());
        Duration linger = Duration.ofMillis(7);
        QueueSettings queue =
                QueueSettings.of(
                        "http://localhost:9324/000000000000/q",
                        draft -> {
                            draft.endpoint = Optional.of(URI.create("http://localhost:9325"));
                            draft.region = Optional.of("eu-north-1");
                            draft.visibility = Duration.ofSeconds(61);
                            draft.waitTime = Duration.ofSeconds(3);
                            draft.receivers = OptionalInt.of(4);
                            draft.deadline = Duration.ofMinutes(7);
                        });
        List<WorkerConfig.Model> models =
                List.of(
                        new WorkerConfig.Model("a", folder.resolve("a"), Optional.of(16), linger),
                        WorkerConfig.Model.of("b", folder.resolve("b"), WorkerProfile.LATENCY));
        WorkerConfig expected = WorkerConfig.of(queue, models).with(this::everyOtherKey);
        assertEquals(expected, read);
    }

    @Test
    void namesOfBucketsAreEnough() throws IOException {
        StoreSettings two =
                new StoreSettings(
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        List.of(AllowedBucket.of("photos"), AllowedBucket.of("my.scans")));
        String named = SMALLEST + "fetch: {s3: {allowBuckets: [photos, my.scans]}}\n";
        assertEquals(two, read(named, Map.of()).fetch().s3());
        Map<String, String> variable = Map.of("MILLRACE_FETCH_S3_ALLOW_BUCKETS", "photos,my.scans");
        assertEquals(two, read(SMALLEST, variable).fetch().s3());
    }

    private void everyOtherKey(ConfigDraft draft) {
        draft.profile = WorkerProfile.LATENCY;
        draft.source =
                new SourceDefaults(
                        List.of("b", "a"),
                        Optional.of("https://results.example.com/r"),
                        Optional.of("{\"from\":\"bucket\",\"n\":[1,2.5,null]}"));
        draft.fetch =
                new WorkerConfig.Fetch(
                        new FetchLimits(
                                Duration.ofSeconds(11),
                                Duration.ofMillis(1500),
                                Duration.ofSeconds(4),
                                3 << 20,
                                1,
                                5,
                                2 << 10),
                        List.of("images.example.com", "*.example.org"),
                        List.of("10.0.0.0/8", "::1/128"),
                        2,
                        new StoreSettings(
                                Optional.of(URI.create("https://store.example.com")),
                                Optional.of("eu-west-3"),
                                true,
                                List.of(
                                        new AllowedBucket(
                                                "photos", Optional.of("012345678901"), "2026/"),
                                        AllowedBucket.of("scans"))));
        draft.callback =
                new Callback(
                        Duration.ofSeconds(9),
                        4,
                        List.of("127.0.0.0/8"),
                        List.of("results.example.com", "*.example.org"),
                        List.of("whsec_a", "whsec_b"),
                        List.of());
        draft.device =
                new WorkerConfig.DeviceChoice(
                        WorkerConfig.DeviceChoice.Type.HOST,
                        Optional.of(SimulatedCost.parse("2,0.25")),
                        3,
                        1,
                        new BatchLimit(Optional.of(Duration.ofSeconds(12))));
        draft.engine =
                new WorkerConfig.EngineChoice(
                        OnMissing.FAIL, 512L << 20, Precision.FP32, Duration.ofMinutes(3));
        draft.preprocess = new WorkerConfig.Preprocess(6, 300L << 20);
        draft.admission = new WorkerConfig.AdmissionBounds(100, 300L << 20);
        draft.state = new WorkerConfig.State(Optional.of(folder.resolve("state")), 6);
        draft.quarantine = new SuspectTrials(2, Duration.ofSeconds(8), 1L << 30);
        draft.drain =
                new WorkerConfig.DrainTriggers(
                        Optional.of(URI.create("http://localhost:1338")), true);
        draft.headers =
                new CallHeaders(
                        Optional.of("images/1"),
                        Optional.of("results/2"),
                        Map.of("X-Team", "vision"));
        draft.log = new MessageLines(0.01);
        draft.httpPort = Optional.of(9400);
        draft.statusAccess = new StatusAccess("0.0.0.0", List.of("worker-1"));
        draft.cache = folder.resolve("kept");
        draft.reload = Duration.ofSeconds(5);
        draft.watchdog = Duration.ofSeconds(45);
        draft.trace = Optional.of(folder.resolve("t.json"));
    }

    @Test
    void defaultsOfMessagesMayComeFromTheEnvironment() throws IOException {
        SourceDefaults defaults =
                read(
                                SMALLEST,
                                Map.of(
                                        "MILLRACE_SOURCE_DEFAULTS_TASKS", "a",
                                        "MILLRACE_SOURCE_DEFAULTS_METADATA", "{\"page\": 1.50}"))
                        .source();
        assertEquals(List.of("a"), defaults.tasks());
        assertEquals(Optional.of("{\"page\": 1.50}"), defaults.metadata());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    tasks: [a, c] | source.defaults.tasks: no model serves 'c'; use one of a
                    tasks: [a, a] | source.defaults.tasks: name at most 16 tasks, each once
                    task: a       | source.defaults.task: 'task' is not a key of this section; its keys are tasks, callback, results, metadata
                    """)
    void defaultsOfMessagesThatCannotWork(String line, String mistake) {
        ConfigException refusal =
                assertThrows(
                        ConfigException.class,
                        () ->
                                read(
                                        SMALLEST + "source:\n  defaults:\n    " + line + "\n",
                                        Map.of()));
        assertTrue(refusal.getMessage().contains(mistake), refusal.getMessage());
    }

    /** Each request with such a body would be answered 429 for ever. */
    @Test
    void aShareOfCallersBelowOneBodyIsRefused() {
        String yaml =
                SMALLEST + "admission:\n  bytes: 41943040\nserve:\n  port: 8000\n  share: 0.25\n";
        ConfigException refusal = assertThrows(ConfigException.class, () -> read(yaml, Map.of()));
        assertTrue(
                refusal.getMessage().startsWith("serve.share: callers may have 10485760 bytes"),
                refusal.getMessage());
        assertTrue(refusal.getMessage().contains("serve.maxBody (20971520)"), refusal::getMessage);
    }

    @Test
    void aProfileSetsWhatTheFileLeavesOut() throws IOException {
        WorkerConfig latency = read("profile: latency\n" + SMALLEST, Map.of());
        assertEquals(WorkerProfile.LATENCY, latency.profile());
        assertEquals(1, latency.device().lanes());
        assertEquals(Duration.ZERO, latency.models().getFirst().linger());

        WorkerConfig chosen =
                read(
                        "device: {lanes: 2}\n" + SMALLEST,
                        Map.of("MILLRACE_PROFILE", "latency", "MILLRACE_MODELS_0_LINGER", "3ms"));
        assertEquals(WorkerProfile.LATENCY, chosen.profile());
        assertEquals(2, chosen.device().lanes());
        assertEquals(Duration.ofMillis(3), chosen.models().getFirst().linger());
    }

    @Test
    void theProfileOfTheDeviceAloneIsNoLongerTaken() {
        ConfigException e =
                assertThrows(
                        ConfigException.class,
                        () -> read("device: {profile: latency}\n" + SMALLEST, Map.of()));
        assertEquals(1, e.getMessage().lines().count());
        assertTrue(e.getMessage().contains("device.profile: 'latency'"), e.getMessage());
        assertTrue(e.getMessage().contains("'profile' at the top"), e.getMessage());
    }

    @Test
    void theEnvironmentGoesBeforeTheFile() throws IOException {
        WorkerConfig read =
                read(
                        SMALLEST,
                        Map.of(
                                "MILLRACE_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/2/other",
                                "MILLRACE_FETCH_MAX_BYTES", "1MiB",
                                "MILLRACE_FETCH_ALLOW_ADDRESSES", "10.0.0.0/8, 127.0.0.1",
                                "MILLRACE_MODELS_0_MAX_BATCH", "3",
                                "MILLRACE_MODELS_1_TASK", "b",
                                "MILLRACE_MODELS_1_BUNDLE", "b",
                                "MILLRACE_QUEUE_REGION", "",
                                "MILLRACE_GPU_LIBS", "/opt/tensorrt/lib",
                                "AWS_REGION", "eu-central-1"));
        assertEquals("https://sqs.us-east-1.amazonaws.com/2/other", read.queue().url());
        assertEquals(Optional.empty(), read.queue().region());
        assertEquals(1 << 20, read.fetch().limits().maxBytes());
        assertEquals(List.of("10.0.0.0/8", "127.0.0.1"), read.fetch().allowAddresses());
        assertEquals(Optional.of(3), read.models().get(0).maxBatch());
        assertEquals("b", read.models().get(1).task());
    }

    @Test
    void aMistakeInTheEnvironmentNamesTheVariable() {
        Map<String, String> bad = Map.of("MILLRACE_QUEUE_VISIBILITY", "soon");
        assertLine(bad, "environment: MILLRACE_QUEUE_VISIBILITY: 'soon' is not a duration");
        Map<String, String> unknown = Map.of("MILLRACE_QUEU_URL", "x");
        assertLine(
                unknown,
                "environment: MILLRACE_QUEU_URL: no configuration key",
                "mean MILLRACE_QUEUE_URL");
    }

    @Test
    void aTypoIsNamedAndNotWhatIsMissingForIt() {
        assertMistake(
                SMALLEST.replace("url:", "urll:"), "queue.urll: 'urll' is not a key", "mean url?");
    }

    @Test
    void aKeyThatStandsThereTwiceIsAMistake() {
        assertMistake(SMALLEST + "reload: 5s\nreload: 6s\n", "line 6", "'reload'", "given twice");
    }

    @Test
    void aValueOfTwoLinesIsAnsweredByOne() {
        assertMistake(SMALLEST + "reload: \"so\\non\"\n", "reload: 'so on' is not a duration");
    }

    @Test
    void anEmptyValueCountsAsNone() throws IOException {
        assertEquals(
                read(SMALLEST, Map.of()),
                read(SMALLEST + "cache: ''\nreload:\nstate: {directory: ''}\nhttp:\n", Map.of()));
    }

    @Test
    void aFifoQueueIsRefused() {
        assertMistake(
                SMALLEST.replaceFirst("(?m)url: .*$", "url: http://localhost:9324/0/images.fifo"),
                "queue.url: 'http://localhost:9324/0/images.fifo' is a FIFO queue",
                "use a standard queue");
    }

    @Test
    void anEmptyListOfModelsIsMissing() {
        assertMistake(SMALLEST.substring(0, SMALLEST.indexOf("  - {")), "models: missing");
    }

    @Test
    void wordsAreWordsAndSwitchesWhereOneIsAskedFor() throws IOException {
        WorkerConfig read =
                read(SMALLEST.replace("task: a", "task: on") + "drain: {spot: off}\n", Map.of());
        assertEquals("on", read.models().getFirst().task());
        assertEquals(Optional.empty(), read.drain().metadata());
    }

    @Test
    void whatKubernetesSaysOfServicesIsIgnored() throws IOException {
        Map<String, String> services =
                Map.ofEntries(
                        Map.entry("MILLRACE_SERVICE_HOST", "10.3.0.1"),
                        Map.entry("MILLRACE_SERVICE_PORT", "9400"),
                        Map.entry("MILLRACE_SERVICE_PORT_METRICS", "9400"),
                        Map.entry("MILLRACE_PORT", "tcp://10.3.0.1:9400"),
                        Map.entry("MILLRACE_PORT_9400_TCP", "tcp://10.3.0.1:9400"),
                        Map.entry("MILLRACE_PORT_9400_TCP_PROTO", "tcp"),
                        Map.entry("MILLRACE_PORT_9400_TCP_PORT", "9400"),
                        Map.entry("MILLRACE_PORT_9400_TCP_ADDR", "10.3.0.1"),
                        Map.entry("MILLRACE_SINK_SERVICE_HOST", "fd00::1"),
                        Map.entry("MILLRACE_SINK_PORT", "udp://[fd00::1]:53"),
                        Map.entry("MILLRACE_SINK_PORT_53_UDP_ADDR", "fd00::1"),
                        // Of a service millrace-http, and the name of a key.
                        Map.entry("MILLRACE_HTTP_PORT", "tcp://10.3.0.1:9400"));
        WorkerConfig read = read(SMALLEST, services);
        assertEquals(Optional.empty(), read.httpPort());
        assertEquals(Optional.of(1), read(SMALLEST, Map.of("MILLRACE_HTTP_PORT", "1")).httpPort());
    }

    @Test
    void whatOnlyLooksLikeAServiceIsAMistake() {
        for (String[] typo :
                new String[][] {
                    {"MILLRACE_PORT", "9400"},
                    {"MILLRACE_HTTP_PROT", "9400"},
                    {"MILLRACE_SERVICE_URL", "http://a"},
                    {"MILLRACE_SERVICE_HOST", "my host"},
                    {"MILLRACE_PORT_HTTP_TCP", "tcp://10.3.0.1:9400"}
                }) {
            assertLine(
                    Map.of(typo[0], typo[1]), "environment: " + typo[0] + ": no configuration key");
        }
    }

    @Test
    void theVariablesOfTheProjectItselfAreNoMistakes() throws IOException {
        Set<String> names = new TreeSet<>(Set.of("MILLRACE_IMAGE", "MILLRACE_NATIVE_FOLDER"));
        for (String script : List.of("millrace", "jdk.sh", "bundle/jvm", "gpu-check.sh")) {
            Pattern.compile("MILLRACE_[A-Z_]+")
                    .matcher(Files.readString(Path.of("scripts", script)))
                    .results()
                    .map(MatchResult::group)
                    // The one that is a key wants a value of its own.
                    .filter(name -> !name.equals("MILLRACE_PROFILE"))
                    .forEach(names::add);
        }
        assertTrue(names.contains("MILLRACE_TRAIN"), names::toString);
        for (String name : names) {
            assertEquals(1, read(SMALLEST, Map.of(name, "x")).models().size());
        }
    }

    @Test
    void aSupervisorReadsTheStateDirectoryAlone() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("worker.yaml"), "state: {directory: kept}\nnothing: else\n");
        assertEquals(
                Optional.of(folder.resolve("kept")), ConfigReader.stateDirectory(file, Map.of()));
        assertEquals(
                Optional.of(Path.of("/elsewhere")),
                ConfigReader.stateDirectory(
                        file, Map.of("MILLRACE_STATE_DIRECTORY", "/elsewhere")));
    }

    @Test
    void noMoreDownloadsThanTheHeapCanHold() {
        assertLine(
                Map.of("MILLRACE_ADMISSION_BYTES", "1024GiB"), "admission.bytes", "heap", "-Xmx1g");
    }

    private void assertLine(Map<String, String> environment, String... words) {
        assertMistake(SMALLEST, environment, words);
    }

    private void assertMistake(String yaml, String... words) {
        assertMistake(yaml, Map.of(), words);
    }

    private void assertMistake(String yaml, Map<String, String> environment, String... words) {
        String line =
                assertThrows(ConfigException.class, () -> read(yaml, environment)).getMessage();
        assertEquals(1, line.lines().count(), line);
        for (String word : words) {
            assertTrue(line.contains(word), line);
        }
    }
}
