package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.gpu.DeviceException;
import dev.millrace.testing.Contract;
import dev.millrace.testing.Loopback;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a worker says at {@code /} and {@code /status.json}, as its schema has it. */
@Isolated("its scene counts the threads of the process")
class LiveStatusTest extends WithWorkerScene {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARKUP = "<img src=x onerror=alert(1)>";

    /** After which figures are computed anew. */
    private static final Duration KEPT = Duration.ofMillis(1100);

    private static JsonNode status(Worker worker) {
        try {
            JsonNode status = JSON.readTree(WorkerScene.text(worker, "/status.json"));
            assertEquals(List.of(), Contract.wrongInStatus(status), status.toString());
            return status;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode await(Worker worker, Predicate<JsonNode> wanted) throws Exception {
        JsonNode[] last = new JsonNode[1];
        Loopback.awaitUntil(
                () -> {
                    last[0] = status(worker);
                    return wanted.test(last[0]);
                },
                30,
                () -> String.valueOf(last[0]));
        return last[0];
    }

    private static String name(JsonNode status) {
        return status.at("/state/name").asText();
    }

    private static HttpResponse<String> get(Worker worker, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + worker.httpPort().orElseThrow() + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static JsonNode error(JsonNode status, String kind) {
        for (JsonNode error : status.path("errors")) {
            if (error.path("kind").asText().equals(kind)) {
                return error;
            }
        }
        throw new AssertionError(kind + " is not in " + status.path("errors"));
    }

    @Test
    void fromItsStartToItsDrain() throws Exception {
        try (Worker worker = scene.load()) {
            assertEquals("starting", name(status(worker)));
            assertTrue(get(worker, "/").body().contains("<h2>Starting</h2>"));
            worker.begin();
            JsonNode idle = status(worker);
            assertEquals("idle", name(idle));
            assertTrue(idle.get("since_start").asBoolean());
            scene.send();
            scene.internet.await(1, 30);
            JsonNode done = await(worker, one -> one.at("/messages/deleted").asInt() == 1);
            List<String> steps = new ArrayList<>();
            done.get("stages").forEach(stage -> steps.add(stage.get("name").asText()));
            assertEquals(
                    List.of(
                            "fetch",
                            "slot",
                            "decode",
                            "wait",
                            "infer",
                            "postprocess",
                            "callback",
                            "acknowledge"),
                    steps);
            assertEquals("colors", done.at("/models/0/task").asText());
            assertEquals("ONNX graph", done.at("/models/0/engine").asText());
            assertTrue(done.at("/worker/device").asText().startsWith("host"), done.toString());
            assertEquals(0, done.get("errors").size());
            worker.drain(Duration.ZERO);
            Thread.sleep(KEPT);
            JsonNode draining = status(worker);
            assertEquals("draining", name(draining));
            assertFalse(draining.at("/state/ready").asBoolean());
        }
    }

    /** However many ask, and nobody's question is that of another moment. */
    @Test
    void itIsComputedOnceASecondForAll() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            JsonNode first = status(worker);
            assertEquals(first, status(worker));
            Thread.sleep(KEPT);
            JsonNode next = status(worker);
            assertFalse(next.get("since_start").asBoolean());
            assertTrue(next.get("window_seconds").asDouble() < 12, next.toString());
        }
    }

    @Test
    void thePageAndItsFilesAreOfThisPortAlone() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            Map<String, String> types =
                    Map.of(
                            "/", "text/html; charset=utf-8",
                            "/status.json", "application/json",
                            "/live.css", "text/css; charset=utf-8",
                            "/live.js", "text/javascript; charset=utf-8",
                            "/path.js", "text/javascript; charset=utf-8",
                            "/cards.js", "text/javascript; charset=utf-8",
                            "/words.js", "text/javascript; charset=utf-8",
                            "/dom.js", "text/javascript; charset=utf-8",
                            "/page.svg", "image/svg+xml");
            for (Map.Entry<String, String> file : types.entrySet()) {
                HttpResponse<String> answer = get(worker, file.getKey());
                assertEquals(200, answer.statusCode(), file.getKey());
                assertEquals(
                        file.getValue(), answer.headers().firstValue("Content-Type").orElse(""));
                String policy = answer.headers().firstValue("Content-Security-Policy").orElse("");
                assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
                assertFalse(policy.contains("unsafe") || policy.contains("http"), policy);
                assertEquals(
                        "nosniff",
                        answer.headers().firstValue("X-Content-Type-Options").orElse(""));
            }
            HttpResponse<String> nothing = get(worker, "/live.html");
            assertEquals(404, nothing.statusCode());
            assertTrue(nothing.body().contains("/status.json"), nothing.body());
        }
    }

    @Test
    void errorsAreCountedAndSaidWithoutSecretsOrMarkup() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            scene.send(scene.internet.photo("is-not-there.jpg") + "?token=secret");
            scene.send("http://user:secret@127.0.0.1:1/secret.jpg");
            scene.send(scene.internet.hostile("vector.svg"));
            queue.send(
                    List.of(
                            """
                            {"id": "secret-1", "url": "http://127.0.0.1:1/secret.jpg", "task": "other", "callback_url": "%s"}"""
                                    .formatted(scene.internet.sink()),
                            """
                            {"url": "http://127.0.0.1:1/secret.jpg", "tasks": ["%s", "%<s"], "callback_url": "%s"}"""
                                    .formatted(MARKUP, scene.internet.sink())));
            JsonNode status = await(worker, one -> one.get("errors").size() >= 5);
            assertFalse(status.toString().contains("secret"), status.toString());
            JsonNode missing = error(status, "http_status");
            assertEquals(1, missing.get("count").asInt());
            assertTrue(
                    missing.at("/last/host").asText().startsWith("127.0.0.1:"), status.toString());
            assertTrue(
                    missing.at("/last/message").asText().contains("/… answered 404;"),
                    status.toString());
            error(status, "unknown_task");
            error(status, "unsupported_format");
            assertTrue(error(status, "malformed").at("/last/message").asText().contains(MARKUP));
            String page = get(worker, "/").body();
            assertFalse(page.contains("<img src=x"), page);
            assertTrue(page.contains("&lt;img src=x onerror=alert(1)&gt;"), page);
            assertFalse(page.contains("secret"), page);
        }
    }

    @Test
    void aCallbackHostThatIsDownIsNamed() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            for (int i = 0; i < 20; i++) {
                queue.send(
                        List.of(
                                """
                                {"id": "d%d", "url": "%s", "task": "colors", "callback_url": "http://127.0.0.1:1/"}"""
                                        .formatted(
                                                i,
                                                scene.internet.photo(
                                                        "mpu-300x250-city-night.jpg"))));
            }
            JsonNode status = await(worker, one -> name(one).equals("callback_host_down"));
            assertEquals("127.0.0.1:1", status.at("/down/callback_hosts/0").asText());
            assertTrue(status.at("/waits/callback_hosts").asInt() > 0, status.toString());
            assertTrue(status.at("/state/detail").asText().contains("127.0.0.1:1"));
            assertTrue(status.at("/state/live").asBoolean());
            JsonNode last = error(status, "callback_failed").get("last");
            assertEquals("127.0.0.1", last.get("host").asText());
            assertFalse(last.get("message").asText().matches(".*\\bd\\d+\\b.*"), last.toString());
        }
    }

    @Test
    void anImageHostThatIsDownIsNamed() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            for (int i = 0; i < 20; i++) {
                scene.send("http://127.0.0.1:1/" + i + ".jpg");
            }
            JsonNode status = await(worker, one -> name(one).equals("image_host_down"));
            assertEquals("127.0.0.1:1", status.at("/down/image_hosts/0").asText());
            JsonNode error = error(status, "fetch_failed");
            assertTrue(error.get("tried_again").asInt() >= 8, status.toString());
            assertEquals("127.0.0.1", error.at("/last/host").asText());
        }
    }

    @Test
    void aWorkerThatCannotGoOnSaysSo() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            worker.fault().complete(new DeviceException("cudaMemcpyAsync gives 700"));
            JsonNode status = status(worker);
            assertEquals("faulted", name(status));
            assertFalse(status.at("/state/live").asBoolean());
            assertTrue(
                    status.at("/state/detail").asText().contains("cudaMemcpyAsync gives 700"),
                    status.toString());
        }
    }

    /** The control of the schema. */
    @Test
    void theSchemaFindsWhatIsWrong() throws Exception {
        try (Worker worker = Worker.start(scene.config(WorkerScene.settings()))) {
            JsonNode good = status(worker);
            for (String[] wrong :
                    new String[][] {
                        {"\"name\":\"idle\"", "\"name\":\"bored\""},
                        {"\"name\":\"fetch\"", "\"name\":\"dream\""},
                        {"\"limited_by\":", "\"limits\":"},
                        {"limited by: ", "limits: "},
                        {"\"in_flight\":0", "\"in_flight\":-1"},
                        {"\"device\":", "\"gadget\":"}
                    }) {
                String text = good.toString();
                assertTrue(text.contains(wrong[0]), text);
                JsonNode bad = JSON.readTree(text.replace(wrong[0], wrong[1]));
                assertFalse(Contract.wrongInStatus(bad).isEmpty(), wrong[1]);
            }
        }
    }
}
