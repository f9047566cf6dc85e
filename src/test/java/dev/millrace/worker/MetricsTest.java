package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.duty.DutyFailedException;
import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.ResizeKernel;
import dev.millrace.observe.FaultReason;
import dev.millrace.resource.Build;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.PromText;
import dev.millrace.testing.RawServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a worker's {@code /metrics} says, read as Prometheus reads it. */
@Isolated("its scene counts the threads of the process")
class MetricsTest extends WithWorkerScene {
    private static final Path COLORS = Path.of("src/test/resources/engines/colors");
    private static final Path PHOTO =
            Path.of("src/main/resources/dev/millrace/verify/photos/mpu-300x250-city-night.jpg");
    private static final int MESSAGES = 12;
    private static final String STAGE = "millrace_stage_duration_seconds";
    private static final String REVISION = "MILLRACE_REVISION";

    private static PromText metrics(Worker worker) throws InterruptedException {
        return new PromText(WorkerScene.text(worker, "/metrics"));
    }

    @Test
    void namesAreThosePrometheusAccepts() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            PromText metrics = metrics(worker);
            assertTrue(metrics.families().size() > 40, "read");
            assertEquals(List.of(), metrics.problems("millrace_"));
            assertEquals(List.of(), metrics.problems("process_"));
            assertEquals(List.of(), metrics.problems("system_"));
            assertNotEquals(List.of(), metrics.problems("nv_inference_"), "Triton's are its own");
        }
    }

    /** A worker that is lost may be gone before anybody asks it, so the next one says it. */
    @Test
    void whyTheWorkerBeforeCouldNotGoOn() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        Path state = Files.createDirectory(folder.resolve("previous"));
        settings.put("MILLRACE_STATE_DIRECTORY", state.toString());
        String previous = "millrace_previous_fault";
        Files.writeString(state.resolve("last-fault"), "device_lost");
        try (Worker worker = Worker.start(scene.config(settings))) {
            PromText metrics = metrics(worker);
            assertEquals(1, metrics.value(previous, "reason", "device_lost"));
            assertEquals(1, metrics.value(previous));
            assertEquals(0, metrics.value("millrace_faulted"));
            assertEquals(1, metrics.value("millrace_ready"));
        }
        try (Worker worker = Worker.start(scene.config(settings))) {
            assertEquals(0, metrics(worker).value(previous), "said once");
        }
    }

    @Test
    void faultsHaveTheKindsThatOperatorsActUpon() {
        DutyFailedException thread = new DutyFailedException("ended", null);
        assertEquals(FaultReason.THREAD_FAILED, FaultReason.of(thread));
        DeviceException device = new DeviceException("lost");
        assertEquals(FaultReason.DEVICE_LOST, FaultReason.of(device));
        assertEquals(
                FaultReason.DEVICE_LOST, FaultReason.of(new DutyFailedException("ended", device)));
    }

    /** What that holds is read by a Prometheus, in AlertsFT. */
    @Test
    void whoAsksForTheBinaryFormatGetsIt() throws Exception {
        String protobuf = "application/vnd.google.protobuf";
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()));
                HttpClient http = HttpClient.newHttpClient()) {
            URI uri =
                    URI.create("http://127.0.0.1:" + worker.httpPort().orElseThrow() + "/metrics");
            for (String accept :
                    List.of(protobuf + ";proto=x,text/plain;q=0.5", "text/plain", "*/*")) {
                HttpResponse<byte[]> answer =
                        http.send(
                                HttpRequest.newBuilder(uri).header("Accept", accept).build(),
                                HttpResponse.BodyHandlers.ofByteArray());
                String type = answer.headers().firstValue("Content-Type").orElse("");
                String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
                boolean binary = accept.startsWith(protobuf);
                assertTrue(type.startsWith(binary ? protobuf : "text/plain; version=0.0.4"), type);
                assertTrue(body.contains("millrace_message_duration_seconds"));
                assertEquals(!binary, body.startsWith("# HELP "), accept);
            }
        }
    }

    /** The control of the names. */
    @Test
    void theRulesFindWhatIsWrong() {
        for (String[] wrong :
                new String[][] {
                    {"gauge", "millrace_things_total", "_total is for counters, and all of them"},
                    {"counter", "millrace_things", "_total is for counters, and all of them"},
                    {
                        "gauge",
                        "millrace_wait_milliseconds",
                        "a unit that is no base unit: milliseconds"
                    },
                    {"gauge", "millrace_wait_ms", "an abbreviated unit"},
                    {"gauge", "millrace_wait_gauge", "the type in the name"},
                    {"gauge", "millrace_wait_count", "_count is for histograms"},
                    {"gauge", "millrace_waitSeconds", "camelCase"},
                }) {
            PromText text =
                    new PromText(
                            "# HELP %2$s Said.\n# TYPE %2$s %1$s\n%2$s 1\n"
                                    .formatted(wrong[0], wrong[1]));
            assertEquals(List.of(wrong[1] + ": " + wrong[2]), text.problems("millrace_"));
        }
        assertEquals(
                List.of("millrace_a: no help text"),
                new PromText("# TYPE millrace_a gauge\nmillrace_a 1\n").problems("millrace_"));
    }

    @Test
    void eachStageHasAHistogram() throws Exception {
        for (int i = 0; i < MESSAGES; i++) {
            scene.send();
        }
        Thread.sleep(300);
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            scene.internet.await(MESSAGES, 30);
            Loopback.awaitUntil(() -> isDeleted(worker), 20, () -> "not deleted");
            PromText metrics = metrics(worker);
            for (String stage : List.of("fetch", "callback", "acknowledge")) {
                assertEquals(MESSAGES, metrics.value(STAGE + "_count", "stage", stage), stage);
                assertTrue(metrics.value(STAGE + "_sum", "stage", stage) > 0, stage);
            }
            for (String stage : List.of("slot", "decode", "wait", "infer", "postprocess")) {
                assertEquals(
                        MESSAGES,
                        metrics.value(STAGE + "_count", "stage", stage, "model", "colors"),
                        stage);
            }
            assertEquals(MESSAGES, metrics.value("millrace_message_duration_seconds_count"));
            assertEquals(MESSAGES, metrics.value("millrace_message_age_seconds_count"));
            double total = metrics.value("millrace_message_duration_seconds_sum");
            for (String stage : List.of("fetch", "decode", "infer", "callback")) {
                double part = metrics.value(STAGE + "_sum", "stage", stage);
                assertTrue(part > 0 && part < total, stage + ": " + part + " of " + total);
            }
            assertTrue(total < 60 * MESSAGES, total + " s");
            double age = metrics.value("millrace_message_age_seconds_sum") / MESSAGES;
            assertTrue(age >= 0.3 && age < 60, age + " s");
            assertEquals(0, metrics.value("millrace_message_age_seconds_bucket", "le", "0.1"));
            requireCumulative(metrics);
        }
    }

    private static String status(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElseThrow();
    }

    /** Downloads and batches that are known to be slow; nothing else is known of a busy machine. */
    @Test
    void aStageHasTheTimeThatIsSpentInIt() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_DEVICE_SIMULATE", "300,0");
        settings.put("MILLRACE_MODELS_0_MAX_BATCH", "1");
        byte[] photo = Files.readAllBytes(PHOTO);
        try (RawServer slow =
                        new RawServer(
                                (_, out) -> {
                                    Thread.sleep(400);
                                    out.write(RawServer.ok(photo));
                                });
                Worker worker = Worker.start(scene.config(settings))) {
            for (int i = 0; i < 4; i++) {
                scene.send("http://127.0.0.1:" + slow.port() + "/a.jpg");
            }
            scene.internet.await(4, 30);
            PromText metrics = metrics(worker);
            double fetch = metrics.value(STAGE + "_sum", "stage", "fetch");
            assertTrue(fetch >= 4 * 0.4, fetch + " s");
            // A simulated device makes up for what it was late with.
            double infer = metrics.value(STAGE + "_sum", "stage", "infer");
            assertTrue(infer >= 4 * 0.15, infer + " s");
            double wait = metrics.value(STAGE + "_sum", "stage", "wait");
            assertTrue(wait >= 0.3, wait + " s for a lane");
        }
    }

    /** What {@code histogram_quantile(q, sum by (le) (…))} says of both. */
    private static double quantile(double q, String histogram, PromText... workers) {
        Map<Double, Double> counts = new TreeMap<>();
        for (PromText worker : workers) {
            worker.samples(histogram + "_bucket", "stage", "infer")
                    .forEach(bucket -> counts.merge(bound(bucket), bucket.value(), Double::sum));
        }
        double rank = q * counts.get(Double.POSITIVE_INFINITY);
        double below = 0;
        double countBelow = 0;
        for (Map.Entry<Double, Double> bucket : counts.entrySet()) {
            if (bucket.getValue() >= rank) {
                double share = (rank - countBelow) / (bucket.getValue() - countBelow);
                return below + (bucket.getKey() - below) * share;
            }
            below = bucket.getKey();
            countBelow = bucket.getValue();
        }
        throw new AssertionError("no bucket holds it");
    }

    private static double bound(PromText.Sample bucket) {
        return Double.parseDouble(bucket.labels().get("le").replace("+Inf", "Infinity"));
    }

    /** One is five times as slow as the other, and each has a few messages at least. */
    @Test
    void aQuantileOverTwoWorkersCanBeComputed() throws Exception {
        Map<String, String> fast = WorkerScene.settings();
        fast.put("MILLRACE_DEVICE_SIMULATE", "60,0");
        fast.put("MILLRACE_MODELS_0_MAX_BATCH", "1");
        Map<String, String> slow = new TreeMap<>(fast);
        slow.put("MILLRACE_DEVICE_SIMULATE", "300,0");
        slow.remove("MILLRACE_STATE_DIRECTORY");
        slow.remove("MILLRACE_TRACE");
        try (Worker first = Worker.start(scene.config(fast));
                Worker second = Worker.start(scene.config(slow))) {
            while (metrics(first).value(STAGE + "_count", "stage", "infer") < 3
                    || metrics(second).value(STAGE + "_count", "stage", "infer") < 3) {
                scene.send();
                Thread.sleep(50);
            }
            PromText one = metrics(first);
            PromText other = metrics(second);
            double p99 = quantile(0.99, STAGE, one, other);
            assertTrue(p99 > 0.25, p99 + " s in both");
            double least = quantile(0.01, STAGE, one, other);
            assertTrue(least < p99 && least > 0.05, least + " s, and " + p99);
        }
    }

    /** The same ranges everywhere, each at least as full as the one before, the last with all. */
    private static void requireCumulative(PromText metrics) {
        Set<Set<String>> ranges =
                metrics.samples(STAGE + "_count")
                        .map(
                                series ->
                                        metrics.samples(STAGE + "_bucket", labels(series.labels()))
                                                .map(bucket -> bucket.labels().get("le"))
                                                .collect(Collectors.toCollection(TreeSet::new)))
                        .collect(Collectors.toSet());
        assertEquals(1, ranges.size(), ranges::toString);
        metrics.samples(STAGE + "_count")
                .forEach(
                        series -> {
                            double before = 0;
                            for (PromText.Sample bucket :
                                    metrics.samples(STAGE + "_bucket", labels(series.labels()))
                                            .toList()) {
                                assertTrue(bucket.value() >= before, bucket::toString);
                                before = bucket.value();
                            }
                            assertEquals(series.value(), before, series::toString);
                        });
    }

    private static String[] labels(Map<String, String> labels) {
        return labels.entrySet().stream()
                .flatMap(label -> List.of(label.getKey(), label.getValue()).stream())
                .toArray(String[]::new);
    }

    private static boolean isDeleted(Worker worker) {
        try {
            return metrics(worker).value("millrace_deleted_total") == MESSAGES;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aReloadChangesTheVersion() throws Exception {
        Path bundle = Files.createDirectory(folder.resolve("colors"));
        for (String file : List.of("model.yaml", "model.onnx")) {
            Files.copy(COLORS.resolve(file), bundle.resolve(file));
        }
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_MODELS_0_BUNDLE", bundle.toString());
        settings.put("MILLRACE_RELOAD", "100ms");
        try (Worker worker = Worker.start(scene.config(settings))) {
            String before = version(worker);
            Path yaml = bundle.resolve("model.yaml");
            Files.writeString(yaml, Files.readString(yaml).replace("red", "crimson"));
            Loopback.awaitUntil(() -> !version(worker).equals(before), 30, () -> "still " + before);
        }
    }

    private static String version(Worker worker) {
        try {
            return metrics(worker)
                    .samples("millrace_model_info")
                    .map(model -> model.labels().get("version"))
                    .collect(Collectors.joining());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whichBuildAndWhichModels() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            PromText metrics = metrics(worker);
            Map<String, String> build =
                    metrics.samples("millrace_build_info").findFirst().orElseThrow().labels();
            assertEquals(Set.of("version", "revision", "java"), build.keySet());
            // Outside of a checkout, as in an archive of the source, nobody knows it.
            boolean known = Files.exists(Path.of(".git")) && System.getenv(REVISION) == null;
            assertTrue(
                    !known || build.get("revision").matches("[0-9a-f]{12}(-changed)?"),
                    build::toString);
            assertEquals(System.getProperty("java.version"), build.get("java"));
            assertEquals("Millrace/" + build.get("version"), Build.THIS.userAgent());
            Map<String, String> model =
                    metrics.samples("millrace_model_info").findFirst().orElseThrow().labels();
            assertEquals("colors", model.get("task"));
            assertEquals("colors", model.get("model"));
            assertTrue(model.get("version").matches("[0-9a-f]{12}"), model::toString);
            assertTrue(model.get("device").startsWith("host"), model::toString);
            assertEquals(1, metrics.value("millrace_model_info"));
            // In pages, which are not everywhere of 4 KiB.
            String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
            double resident = Double.parseDouble(pages[1]) / Double.parseDouble(pages[0]);
            double size = 1024.0 * Double.parseDouble(status("VmSize"));
            assertEquals(
                    resident, metrics.value("process_resident_memory_bytes") / size, resident / 3);
            assertEquals(
                    ResizeKernel.get().library().isPresent() ? 1 : 0,
                    metrics.value("millrace_native_kernel"));
        }
    }
}
