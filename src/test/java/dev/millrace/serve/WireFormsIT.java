package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawCaller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What clients of Triton and KServe, and curl, have sent, byte by byte, to a worker with the real
 * model; each field of the answers is read as those clients read it.
 */
class WireFormsIT {
    private static final Path REQUESTS = Path.of("src/test/resources/serve");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ALL = "verdict label scores";
    private static final int CLASSES = 5;

    private static CallerScene scene;
    private static Loopback internet;

    @BeforeAll
    static void start() throws Exception {
        scene = new CallerScene("safety");
        internet = new Loopback();
    }

    @AfterAll
    static void stop() throws Exception {
        internet.close();
        scene.close();
    }

    private static RawCaller.Answer replay(byte[] request) throws IOException {
        try (RawCaller caller = new RawCaller(scene.at("/").getPort())) {
            return caller.send(request).answer();
        }
    }

    private static byte[] photo() throws IOException {
        return Files.readAllBytes(
                Path.of(
                        "src/main/resources/dev/millrace/verify/photos/leaderboard-728x90-street.jpg"));
    }

    private static byte[] recorded(String name) throws IOException {
        return Files.readAllBytes(REQUESTS.resolve(name + ".http"));
    }

    /** An output as a client reads it: texts or numbers, by the shape. */
    private record Output(String datatype, List<Integer> shape, List<Object> values) {}

    /**
     * @param outputs in order; those in capitals are wanted as binary data
     */
    @ParameterizedTest
    @CsvSource({
        "triton-binary, a1, 1, VERDICT LABEL SCORES",
        "triton-binary-two, a2, 2, VERDICT LABEL SCORES",
        "triton-binary-json-out, , 1, label scores",
        "triton-binary-mixed-out, , 1, SCORES verdict",
        "triton-base64, a3, 1, VERDICT",
        "triton-base64-two, , 2, label",
        "triton-raw, , 1, VERDICT LABEL SCORES",
        "triton-url, , 1, verdict",
        "kserve-base64, k1, 1, verdict label scores",
        "kserve-base64-two, k2, 2, label",
        "kserve-binary, k3, 1, LABEL SCORES VERDICT",
        "kserve-binary-all, k4, 1, VERDICT LABEL SCORES",
        "kserve-url, k5, 1, verdict label scores",
        "curl-bare, , 1, verdict label scores",
        "curl-image, , 1, verdict label scores"
    })
    void aRequestIsAnsweredAsItsClientExpects(String name, String id, int images, String outputs)
            throws Exception {
        byte[] request = recorded(name);
        if (name.endsWith("-url")) {
            request = withUrl(request, internet.body("street.jpg", photo()));
        }
        RawCaller.Answer answer = replay(request);
        assertEquals(200, answer.status(), answer::text);
        String[] wanted = outputs.split(" ");
        boolean binary = !outputs.equals(outputs.toLowerCase());
        assertEquals(
                binary ? "application/octet-stream" : "application/json",
                answer.header("Content-Type").orElseThrow());
        assertEquals(binary, answer.header("Inference-Header-Content-Length").isPresent());
        int length =
                answer.header("Inference-Header-Content-Length")
                        .map(Integer::parseInt)
                        .orElse(answer.body().length);
        JsonNode json = JSON.readTree(answer.body(), 0, length);
        assertEquals("safety", json.path("model_name").textValue());
        assertFalse(json.path("model_version").textValue().isEmpty());
        assertEquals(id, json.path("id").textValue());
        assertEquals(wanted.length, json.path("outputs").size());
        ByteBuffer data =
                ByteBuffer.wrap(answer.body(), length, answer.body().length - length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < wanted.length; i++) {
            JsonNode output = json.path("outputs").path(i);
            assertEquals(wanted[i].toLowerCase(), output.path("name").textValue());
            boolean inBinary = wanted[i].equals(wanted[i].toUpperCase());
            assertEquals(inBinary, output.at("/parameters/binary_data_size").isInt());
            assertEquals(!inBinary, output.path("data").isArray());
            check(wanted[i].toLowerCase(), read(output, data), images);
        }
        assertEquals(0, data.remaining());
    }

    /**
     * Both clients do the same: the outputs' data stand behind the JSON in the order of outputs.
     */
    private static Output read(JsonNode output, ByteBuffer data) {
        List<Integer> shape = new ArrayList<>();
        output.path("shape").forEach(size -> shape.add(size.intValue()));
        String datatype = output.path("datatype").textValue();
        List<Object> values = new ArrayList<>();
        if (output.path("data").isArray()) {
            for (JsonNode value : output.path("data")) {
                values.add(
                        datatype.equals("BYTES")
                                ? (Object) value.textValue()
                                : (Object) value.floatValue());
            }
        } else {
            int end = data.position() + output.at("/parameters/binary_data_size").intValue();
            while (data.position() < end) {
                if (datatype.equals("FP32")) {
                    values.add(data.getFloat());
                } else {
                    byte[] text = new byte[data.getInt()];
                    data.get(text);
                    values.add(new String(text, StandardCharsets.UTF_8));
                }
            }
            assertEquals(end, data.position());
        }
        return new Output(datatype, shape, values);
    }

    private static void check(String name, Output output, int images) throws IOException {
        switch (name) {
            case "verdict" -> {
                assertEquals("BYTES", output.datatype);
                assertEquals(List.of(images), output.shape);
                assertEquals(images, output.values.size());
                JsonNode verdict = JSON.readTree((String) output.values.getFirst());
                assertEquals("Neutral", verdict.path("label").textValue());
                assertEquals(CLASSES, verdict.path("scores").size());
            }
            case "label" -> {
                assertEquals("BYTES", output.datatype);
                assertEquals(List.of(images), output.shape);
                assertEquals(images, output.values.size());
                assertEquals("Neutral", output.values.getFirst());
            }
            default -> {
                assertEquals("FP32", output.datatype);
                assertEquals(List.of(images, CLASSES), output.shape);
                assertEquals(images * CLASSES, output.values.size());
                // Drawing, Hentai, Neutral, Porn, Sexy
                assertTrue((float) output.values.get(2) > 0.9f, () -> "" + output.values);
            }
        }
    }

    /** The recorded URL has a port of as many digits, so that all lengths stay. */
    private static byte[] withUrl(byte[] request, String url) {
        String of = new String(request, StandardCharsets.ISO_8859_1);
        String recorded = "http://127.0.0.1:10001/bodies/street.jpg";
        assertTrue(of.contains(recorded), of);
        assertEquals(recorded.length(), url.length());
        return of.replace(recorded, url).getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "triton-server-live | {'live':true}",
                "triton-server-ready | {'ready':true}",
                "kserve-server-live | {'live':true}",
                "kserve-server-ready | {'ready':true}",
                "triton-model-ready | {'name':'safety','ready':true}",
                "kserve-model-ready | {'name':'safety','ready':true}",
            })
    void healthIsJson(String name, String body) throws Exception {
        RawCaller.Answer answer = replay(recorded(name));
        assertEquals(200, answer.status());
        assertEquals("application/json", answer.header("Content-Type").orElseThrow());
        assertEquals(JSON.readTree(body.replace('\'', '"')), JSON.readTree(answer.body()));
    }

    @Test
    void metadataNamesWhatRequestsAndAnswersHold() throws Exception {
        JsonNode server = JSON.readTree(replay(recorded("triton-server-metadata")).body());
        assertEquals("millrace", server.path("name").textValue());
        assertTrue(server.path("version").isTextual());
        assertEquals("binary_tensor_data", server.at("/extensions/0").textValue());
        JsonNode model = JSON.readTree(replay(recorded("triton-model-metadata")).body());
        assertEquals("safety", model.path("name").textValue());
        assertEquals(1, model.path("versions").size());
        assertTrue(model.path("platform").isTextual());
        assertEquals(
                JSON.readTree("[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[-1]}]"),
                model.path("inputs"));
        assertEquals(3, model.path("outputs").size());
        assertEquals(CLASSES, model.at("/outputs/2/shape/1").intValue());
        assertEquals(CLASSES, model.path("labels").size());
        String versioned = "GET /v2/models/safety/versions/" + model.at("/versions/0").textValue();
        RawCaller.Answer same =
                replay((versioned + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes());
        assertEquals(model, JSON.readTree(same.body()));
    }

    /**
     * Clients read {@code error} of whatever is not 200, and cannot read compressed requests back.
     */
    @Test
    void whatIsRefusedIsOneLineOfJson() throws Exception {
        String recorded = new String(recorded("triton-binary"), StandardCharsets.ISO_8859_1);
        for (String[] change :
                new String[][] {
                    {"safety", "unsafety", "404"},
                    {"\"BYTES\"", "\"UINT8\"", "400"},
                    {"Length: 151", "Length: 150", "400"},
                    {"Length: 151", "Length: -15", "400"},
                    {"User-Agent", "Content-Encoding: gzip\r\nA", "415"},
                    {"User-Agent", "Content-Type: text/plain\r\nA", "415"},
                }) {
            byte[] request =
                    recorded.replace(change[0], change[1]).getBytes(StandardCharsets.ISO_8859_1);
            RawCaller.Answer answer = replay(request);
            assertEquals(Integer.parseInt(change[2]), answer.status(), answer::text);
            assertEquals("application/json", answer.header("Content-Type").orElseThrow());
            JsonNode json = JSON.readTree(answer.body());
            assertEquals(1, json.size());
            assertTrue(json.path("error").textValue().matches("[^\\n]+; [^\\n]+"), answer::text);
            assertTrue(answer.header("Millrace-Error-Kind").isPresent());
        }
    }

    @Test
    void eachRecordedRequestIsTested() throws Exception {
        Set<String> tested =
                Stream.of(getClass().getDeclaredMethods())
                        .flatMap(method -> Stream.of(method.getAnnotationsByType(CsvSource.class)))
                        .flatMap(source -> Stream.of(source.value()))
                        .map(row -> row.split("[ ,|]")[0])
                        .collect(Collectors.toSet());
        tested.addAll(Set.of("triton-server-metadata", "triton-model-metadata"));
        try (Stream<Path> files = Files.list(REQUESTS)) {
            assertEquals(
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".http"))
                            .map(name -> name.replace(".http", ""))
                            .collect(Collectors.toSet()),
                    tested);
        }
    }
}
