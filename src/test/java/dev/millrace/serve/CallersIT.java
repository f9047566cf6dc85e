package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.WorkerConfig;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.ForbiddenAddresses;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.SlowClassifier;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers of a real worker over real sockets. */
class CallersIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir private Path folder;

    /** 100 ms for each image, on one thread: what is behind waits. */
    private CallerScene slow(UnaryOperator<ServeSettings> settings) throws IOException {
        Path bundle =
                ModuleClasses.bundle(
                        Path.of("src/test/resources/engines/colors"), folder, SlowClassifier.class);
        WorkerConfig config =
                CallerScene.config(64, "colors")
                        .with(
                                draft -> {
                                    draft.models = List.of(WorkerConfig.Model.of("slow", bundle));
                                    draft.preprocess =
                                            new WorkerConfig.Preprocess(
                                                    1, draft.preprocess.decodeBytes());
                                });
        return new CallerScene(settings, config);
    }

    private static ServeSettings with(
            ServeSettings of, double share, Duration deadline, Optional<String> token) {
        return new ServeSettings(
                of.port(),
                of.bind(),
                of.allowedHosts(),
                share,
                // A small share must have room for one.
                Math.min(of.maxBody(), 4 << 20),
                deadline,
                of.minimumRate(),
                token,
                Optional.empty());
    }

    @Test
    void aPhotoIsAnsweredWithItsVerdictInBothForms() throws Exception {
        try (CallerScene scene = new CallerScene("safety")) {
            byte[] photo = CallerScene.photo();
            JsonNode answer = CallerScene.json(scene.infer("safety", photo));
            assertEquals("safety", answer.path("model_name").asText());
            assertEquals("verdict", answer.at("/outputs/0/name").asText());
            JsonNode verdict = JSON.readTree(answer.at("/outputs/0/data/0").asText());
            assertEquals("Neutral", verdict.path("label").asText());
            assertEquals("Neutral", answer.at("/outputs/1/data/0").asText());
            assertEquals(5, answer.at("/outputs/2/data").size());

            JsonNode result =
                    CallerScene.json(
                            scene.send(
                                    scene.post("/v2/models/safety/infer?format=verdict", photo)));
            assertEquals("ok", result.path("status").asText());
            assertEquals(verdict, result.at("/results/safety"));
            assertEquals(600, result.at("/image/width").asInt());
            assertEquals(2, scene.metric("millrace_answered_total"));
            assertTrue(
                    scene.status().path("images_per_second").asDouble() > 0,
                    "the live page counts what callers get");
        }
    }

    @Test
    void severalImagesAreOneAnswerAndEachMayFailAlone() throws Exception {
        try (CallerScene scene = new CallerScene("safety");
                Loopback internet = new Loopback()) {
            byte[] body =
                    urls("both", internet.photo(CallerScene.PHOTO), internet.photo("none.jpg"));
            HttpResponse<byte[]> answer =
                    scene.send(
                            scene.post(
                                    "/v2/models/safety/infer",
                                    body,
                                    "Content-Type",
                                    "application/json"));
            assertEquals(200, answer.statusCode(), () -> new String(answer.body()));
            JsonNode data = CallerScene.json(answer).at("/outputs/0/data");
            assertEquals("Neutral", JSON.readTree(data.path(0).asText()).path("label").asText());
            assertEquals(
                    "http_status", JSON.readTree(data.path(1).asText()).at("/error/kind").asText());
            JsonNode results =
                    CallerScene.json(
                            scene.send(
                                    scene.post(
                                            "/v2/models/safety/infer?format=verdict",
                                            body,
                                            "Content-Type",
                                            "application/json")));
            assertEquals("both_0", results.at("/0/id").asText());
            assertEquals("error", results.at("/1/status").asText());
        }
    }

    @Test
    void hostileFilesAndBombsAreRefusedAsThoseOfTheQueueAre() throws Exception {
        JsonNode files;
        try (InputStream in = CallersIT.class.getResourceAsStream("/hostile/manifest.json")) {
            files = JSON.readTree(in).get("files");
        }
        try (CallerScene scene = new CallerScene("safety")) {
            for (JsonNode file : files) {
                String name = file.get("file").asText();
                byte[] body;
                try (InputStream in = CallersIT.class.getResourceAsStream("/hostile/" + name)) {
                    body = in.readAllBytes();
                }
                HttpResponse<byte[]> answer = scene.infer("safety", body);
                switch (file.get("expect").asText()) {
                    case "reject" ->
                            assertTrue(
                                    List.of(400, 413, 415, 422).contains(answer.statusCode()),
                                    name + ": " + answer.statusCode());
                    case "accept" -> assertEquals(200, answer.statusCode(), name);
                    default -> assertTrue(answer.statusCode() < 500, name);
                }
            }
            for (Map.Entry<String, Bombs.Bomb> bomb : Bombs.all().entrySet()) {
                HttpResponse<byte[]> answer = scene.infer("safety", bomb.getValue().body());
                assertEquals(bomb.getValue().kind(), CallerScene.kind(answer), bomb.getKey());
                String line = CallerScene.json(answer).path("error").asText();
                assertTrue(line.contains(bomb.getValue().reason()), line);
            }
            assertEquals(200, scene.infer("safety", CallerScene.photo()).statusCode());
            assertFalse(scene.worker.fault().isDone());
        }
    }

    @Test
    void forImagesThatFailTheDeviceComputesNothing() throws Exception {
        try (CallerScene scene = new CallerScene("safety")) {
            byte[] text = "no image".getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 5; i++) {
                assertEquals(415, scene.infer("safety", text).statusCode());
            }
            assertEquals(0, scene.computedMicros());
            assertEquals(200, scene.infer("safety", CallerScene.photo()).statusCode());
            assertTrue(scene.computedMicros() > 0);
        }
    }

    @Test
    void aUrlGoesThroughTheGateOfTheQueuesUrls() throws Exception {
        WorkerConfig closed =
                CallerScene.config(64, "safety")
                        .with(draft -> draft.fetch = WorkerConfig.Fetch.DEFAULT);
        try (CallerScene scene = new CallerScene(settings -> settings, closed);
                Loopback internet = new Loopback()) {
            List<String> urls = new ArrayList<>();
            ForbiddenAddresses.vectors()
                    .forEach(one -> urls.add("http://" + one.host() + "/a.jpg"));
            urls.add(internet.photo(CallerScene.PHOTO));
            urls.add("file:///etc/passwd");
            urls.add("s3://somebody/a.jpg");
            for (String url : urls) {
                byte[] body = urls("one", url);
                HttpResponse<byte[]> answer =
                        scene.send(
                                scene.post(
                                        "/v2/models/safety/infer",
                                        body,
                                        "Content-Type",
                                        "application/json"));
                assertEquals(400, answer.statusCode(), url + new String(answer.body()));
                assertEquals("url_forbidden", CallerScene.kind(answer), url);
            }
        }
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsNotComputed() throws Exception {
        try (CallerScene scene = slow(settings -> settings)) {
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(
                        scene.begin(
                                scene.post(
                                        "/v2/models/slow/infer",
                                        CallerScene.photo(),
                                        "Millrace-Deadline-Ms",
                                        "350")));
            }
            int late = 0;
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                if (answer.join().statusCode() == 504) {
                    late++;
                    assertEquals("deadline", CallerScene.kind(answer.join()));
                }
            }
            assertTrue(late >= 14, late + " of 20 were too late");
            long startNs = System.nanoTime();
            assertEquals(200, scene.infer("slow", CallerScene.photo()).statusCode());
            long ms = (System.nanoTime() - startNs) / 1_000_000;
            // Those that were late would take 1,400 ms.
            assertTrue(ms < 700, "the next one took " + ms + " ms");
        }
    }

    @Test
    void aCallerThatHasGoneIsNotComputedFor() throws Exception {
        try (CallerScene scene = slow(settings -> settings)) {
            byte[] photo = CallerScene.photo();
            for (int i = 0; i < 20; i++) {
                try (Socket socket = raw(scene)) {
                    OutputStream out = socket.getOutputStream();
                    out.write(head("/v2/models/slow/infer", photo.length));
                    out.write(photo);
                    out.flush();
                    Thread.sleep(5);
                }
            }
            long startNs = System.nanoTime();
            assertEquals(200, scene.infer("slow", photo).statusCode());
            long ms = (System.nanoTime() - startNs) / 1_000_000;
            assertTrue(ms < 1200, "the next one took " + ms + " ms");
        }
    }

    @Test
    void whoComesWhenTheShareIsTakenIsToldToComeAgain() throws Exception {
        try (CallerScene scene =
                slow(one -> with(one, 2 / 64.0, one.deadline(), Optional.empty()))) {
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                answers.add(scene.begin(scene.post("/v2/models/slow/infer", CallerScene.photo())));
            }
            int good = 0;
            int busy = 0;
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                switch (answer.join().statusCode()) {
                    case 200 -> good++;
                    case 429 -> {
                        busy++;
                        assertEquals("busy", CallerScene.kind(answer.join()));
                        assertEquals("1", answer.join().headers().firstValue("Retry-After").get());
                    }
                    default -> throw new AssertionError(answer.join().statusCode());
                }
            }
            assertTrue(good >= 2 && busy >= 1, good + " good, " + busy + " busy");
            assertEquals(200, scene.infer("slow", CallerScene.photo()).statusCode());
        }
    }

    @Test
    void aDrainAnswersWhatItTookAndRefusesWhatComes() throws Exception {
        try (CallerScene scene = slow(settings -> settings)) {
            assertEquals(200, scene.get("/v2/health/ready").statusCode());
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(scene.begin(scene.post("/v2/models/slow/infer", CallerScene.photo())));
            }
            Loopback.awaitUntil(
                    () -> answers.stream().anyMatch(CompletableFuture::isDone), 10, () -> "none");
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    scene.worker.drain(Duration.ofSeconds(15));
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            Thread.sleep(50);
            HttpResponse<byte[]> refused = scene.infer("slow", CallerScene.photo());
            assertEquals(503, refused.statusCode());
            assertEquals("draining", CallerScene.kind(refused));
            assertEquals(503, scene.get("/v2/health/ready").statusCode());
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                assertEquals(200, answer.join().statusCode());
            }
            drained.join();
        }
    }

    @Test
    void aTokenIsAskedForWhereThereIsOne() throws Exception {
        String token = "a-token-of-the-test";
        try (CallerScene scene =
                new CallerScene(
                        one -> with(one, 1, one.deadline(), Optional.of(token)),
                        CallerScene.config(64, "safety"))) {
            HttpResponse<byte[]> without = scene.infer("safety", CallerScene.photo());
            assertEquals(401, without.statusCode());
            assertEquals("Bearer", without.headers().firstValue("WWW-Authenticate").get());
            assertEquals(401, scene.get("/v2/models").statusCode());
            assertEquals(200, scene.get("/v2/health/ready").statusCode());
            assertEquals(200, scene.get("/v2").statusCode());
            assertEquals(
                    200,
                    scene.send(
                                    scene.post(
                                            "/v2/models/safety/infer",
                                            CallerScene.photo(),
                                            "Authorization",
                                            "Bearer " + token))
                            .statusCode());
            assertEquals(
                    401,
                    scene.send(
                                    scene.post(
                                            "/v2/models/safety/infer",
                                            CallerScene.photo(),
                                            "Authorization",
                                            "Bearer " + token + "x"))
                            .statusCode());
        }
    }

    private static byte[] urls(String id, String... urls) throws IOException {
        return """
               {"id": "%s", "inputs": [{"name": "image", "shape": [%d], "datatype": "BYTES",
                "parameters": {"content": "url"}, "data": %s}]}"""
                .formatted(id, urls.length, JSON.writeValueAsString(urls))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Socket raw(CallerScene scene) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), scene.at("/").getPort());
    }

    private static byte[] head(String path, int length) {
        return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                .formatted(path, length)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
