package dev.millrace.serve.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testing.ServeProcess;
import dev.millrace.verify.SamplePhotos;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a worker answers is what the description says: statuses, kinds, headers and bodies. */
@Timeout(300)
class OpenApiIT {
    private static final String TOKEN = "0123456789abcdef";
    private static final String INFER = "/v2/models/safety/infer";
    private static final byte[] PHOTO = SamplePhotos.all().get("photo-600x400-coffee.jpg");
    private static final int MAX_BODY = 400_000;

    private static ServeProcess worker;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void serve(@TempDir Path folder) throws Exception {
        Path config =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        """
                        models:
                          - {task: safety, bundle: %s}
                        serve: {port: 0, token: %s, maxBody: %d}
                        """
                                .formatted(
                                        Path.of("engines/safety").toAbsolutePath(),
                                        TOKEN,
                                        MAX_BODY));
        worker = ServeProcess.start(folder, "--config=" + config);
    }

    @AfterAll
    static void stop() throws Exception {
        if (worker != null) {
            worker.end();
        }
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(worker.url() + path))
                .header("Authorization", "Bearer " + TOKEN);
    }

    private HttpResponse<byte[]> answer(HttpRequest request) throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws Exception {
        HttpRequest.Builder request = to(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return answer(headers.length == 0 ? request.build() : request.headers(headers).build());
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws Exception {
        return Description.JSON.readTree(answer.body());
    }

    /** Holds an answer against the response that an operation describes for its status. */
    private static void requireDescribed(JsonNode operation, HttpResponse<byte[]> answer)
            throws Exception {
        String status = Integer.toString(answer.statusCode());
        String said = status + " " + new String(answer.body(), StandardCharsets.UTF_8);
        JsonNode described = operation.get("responses").path(status);
        assertFalse(described.isMissingNode(), "is not described: " + said);
        JsonNode response = Description.followed(described);
        String type = answer.headers().firstValue("Content-Type").orElseThrow();
        JsonNode content = response.get("content").path(type.replaceFirst(";.*", ""));
        assertFalse(content.isMissingNode(), type + " is not described: " + said);
        if (type.equals("application/json") && content.has("schema")) {
            assertEquals(
                    List.of(), Description.mistakes(content.get("schema"), json(answer)), said);
        }
        if (answer.statusCode() >= 400) {
            String kind = answer.headers().firstValue("Millrace-Error-Kind").orElse("none");
            Set<String> kinds = new TreeSet<>();
            response.path("x-error-kinds").forEach(one -> kinds.add(one.asText()));
            assertTrue(kinds.contains(kind), kind + " is not one of " + kinds + ": " + said);
            response.get("headers")
                    .fieldNames()
                    .forEachRemaining(
                            name ->
                                    assertTrue(
                                            answer.headers().firstValue(name).isPresent(),
                                            name + " is missing: " + said));
        }
    }

    private static JsonNode inference() {
        return Description.read().at("/paths/~1v2~1models~1{task}~1infer/post");
    }

    @Test
    void eachPathIsServedAsItIsDescribed() throws Exception {
        String version = json(answer(to("/v2/models").build())).at("/models/0/versions/0").asText();
        int held = 0;
        for (Map.Entry<String, JsonNode> path : Description.read().get("paths").properties()) {
            String filled = path.getKey().replace("{task}", "safety").replace("{version}", version);
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                if (operation.getKey().equals("parameters")) {
                    continue;
                }
                HttpResponse<byte[]> answer =
                        operation.getKey().equals("get")
                                ? answer(to(filled).build())
                                : post(filled, PHOTO, "Content-Type", "image/jpeg");
                assertEquals(200, answer.statusCode(), filled);
                requireDescribed(operation.getValue(), answer);
                held++;
            }
        }
        assertEquals(12, held);
    }

    /** Those that need no token are open, and the others are not. */
    @Test
    void theTokenIsAskedForWhereItIsSaid() throws Exception {
        for (Map.Entry<String, JsonNode> path : Description.read().get("paths").properties()) {
            JsonNode get = path.getValue().get("get");
            if (get != null) {
                String filled = path.getKey().replace("{task}", "safety").replace("{version}", "1");
                HttpResponse<byte[]> answer =
                        answer(HttpRequest.newBuilder(URI.create(worker.url() + filled)).build());
                boolean open = get.get("security").size() == 1;
                assertEquals(open ? 200 : 401, answer.statusCode(), filled);
                requireDescribed(get, answer);
            }
        }
    }

    @Test
    void eachFormIsAnswered() throws Exception {
        String base64 = Base64.getEncoder().encodeToString(PHOTO);
        String request =
                "{\"id\": \"a1\", \"inputs\": [{\"name\": \"image\", \"shape\": [2], \"datatype\": \"BYTES\", %s}]}";
        byte[] two =
                request.formatted("\"data\": [\"%s\", \"%s\"]".formatted(base64, base64))
                        .getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> tensors = post(INFER, two, "Content-Type", "application/json");
        requireAnswer(tensors);
        assertEquals(2, json(tensors).at("/outputs/0/data").size());
        HttpResponse<byte[]> results =
                post(INFER + "?format=verdict", two, "Content-Type", "application/json");
        requireAnswer(results);
        assertEquals(2, json(results).size());

        ByteArrayOutputStream binary = new ByteArrayOutputStream();
        byte[] head =
                request.replace("[2]", "[1]")
                        .formatted(
                                "\"parameters\": {\"binary_data_size\": %d}"
                                        .formatted(Integer.BYTES + PHOTO.length))
                        .getBytes(StandardCharsets.UTF_8);
        binary.writeBytes(head);
        binary.writeBytes(
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(PHOTO.length)
                        .array());
        binary.writeBytes(PHOTO);
        HttpResponse<byte[]> one =
                post(
                        INFER,
                        binary.toByteArray(),
                        "Content-Type",
                        "application/octet-stream",
                        "Inference-Header-Content-Length",
                        "" + head.length);
        requireAnswer(one);
        assertEquals("a1", json(one).get("id").asText());
        HttpResponse<byte[]> raw = post(INFER, PHOTO, "Inference-Header-Content-Length", "0");
        requireAnswer(raw);
        assertTrue(raw.headers().firstValue("Inference-Header-Content-Length").isPresent());
    }

    @Test
    void eachErrorHasItsStatusAndKind() throws Exception {
        String url =
                "{\"inputs\": [{\"name\": \"image\", \"shape\": [1], \"datatype\": \"BYTES\","
                        + " \"parameters\": {\"content\": \"url\"}, \"data\": [\"http://127.0.0.1:1/\"]}]}";
        requireError("400 malformed", post(INFER, bytes("{\"inputs\": 1}")));
        requireError("400 url_forbidden", post(INFER, bytes(url)));
        requireError("404 unknown_task", post("/v2/models/cats/infer", PHOTO));
        requireError("404 unknown_task", post("/v2/models/safety/versions/1/infer", PHOTO));
        requireError("413 too_large", post(INFER, new byte[MAX_BODY + 1]));
        requireError("415 unsupported_format", post(INFER, bytes("no photo")));
        requireError(
                "415 unsupported_format",
                post(INFER, PHOTO, "Content-Type", "multipart/form-data"));
        requireError("422 corrupt_image", post(INFER, Arrays.copyOf(PHOTO, PHOTO.length / 2)));
        requireError("504 deadline", post(INFER, PHOTO, "Millrace-Deadline-Ms", "1"));
    }

    private static void requireAnswer(HttpResponse<byte[]> answer) throws Exception {
        assertEquals(200, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        requireDescribed(inference(), answer);
    }

    private static void requireError(String expected, HttpResponse<byte[]> answer)
            throws Exception {
        String kind = answer.headers().firstValue("Millrace-Error-Kind").orElse("none");
        assertEquals(expected, answer.statusCode() + " " + kind);
        requireDescribed(inference(), answer);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What stands in the description of the whole. */
    @Test
    void anotherPathOrMethodIsSaidToBeWrong() throws Exception {
        HttpResponse<byte[]> nowhere = answer(to("/v3").build());
        assertEquals(404, nowhere.statusCode());
        assertEquals("not_found", nowhere.headers().firstValue("Millrace-Error-Kind").orElse(""));
        HttpResponse<byte[]> method = answer(to(INFER).build());
        assertEquals(405, method.statusCode());
        assertEquals("method", method.headers().firstValue("Millrace-Error-Kind").orElse(""));
        String said = Description.read().at("/info/description").asText();
        assertTrue(said.contains("404 (`not_found`)") && said.contains("405 (`method`)"), said);
    }
}
