package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.testing.Contract;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a worker writes of messages is as {@code docs/schemas/log.schema.json} says. */
@Isolated("its scene counts the threads of the process")
class LogSchemaTest extends WithWorkerScene {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REFUSAL =
            "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

    /** Good ones, each a failure of another kind, and bodies that are no requests. */
    private void send(RawServer refusing) {
        scene.send();
        scene.send(scene.internet.photo("is-not-there.jpg") + "?secret=1");
        scene.send(scene.internet.hostile("vector.svg"));
        scene.send("http://10.0.0.1/forbidden.jpg");
        scene.send("http://127.0.0.1:1/refused.jpg");
        queue.send(
                List.of(
                        "no request",
                        "{\"url\": \"x\"}",
                        """
                        {"id": "other", "url": "%s", "task": "other", "callback_url": "%s"}"""
                                .formatted(
                                        scene.internet.photo("mpu-300x250-city-night.jpg"),
                                        scene.internet.sink()),
                        """
                        {"id": "untaken", "url": "%s", "task": "colors", "callback_url": "http://127.0.0.1:%d/"}"""
                                .formatted(
                                        scene.internet.photo("mpu-300x250-city-night.jpg"),
                                        refusing.port())));
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (java.io.IOException e) {
            throw new AssertionError(line, e);
        }
    }

    @Test
    void eachLineIsAsTheSchemaSays() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_CALLBACK_ATTEMPTS", "1");
        try (RawServer refusing = RawServer.answering(REFUSAL);
                LogLines log = new LogLines("millrace.message");
                Worker worker = Worker.load(scene.config(settings))) {
            worker.begin();
            send(refusing);
            Loopback.awaitUntil(
                    () ->
                            kinds(log).containsAll(Set.of("", "malformed", "callback_failed"))
                                    && log.lines().stream().anyMatch(l -> l.contains("\"failed\""))
                                    && kinds(log).size() >= 7,
                    30,
                    () -> kinds(log) + "\n" + String.join("\n", log.lines()));
            List<String> wrong = new ArrayList<>();
            for (String line : log.lines()) {
                Contract.wrongInLog(json(line)).forEach(what -> wrong.add(what + ": " + line));
            }
            assertEquals(List.of(), wrong);
            assertTrue(log.lines().stream().noneMatch(line -> line.contains("secret")), "a query");
            // The control: a line without one of its fields, or with a strange value, is found.
            for (String line : log.lines()) {
                ObjectNode good = (ObjectNode) json(line);
                for (String field :
                        List.of("time", "receives", good.has("event") ? "kind" : "id")) {
                    ObjectNode less = good.deepCopy().without(field);
                    assertNotEquals(List.of(), Contract.wrongInLog(less), less::toString);
                }
                ObjectNode strange = good.deepCopy();
                strange.put(good.has("event") ? "stage" : "callback", "strange");
                assertNotEquals(List.of(), Contract.wrongInLog(strange), strange::toString);
            }
        }
    }

    /** The kinds of failures in the lines; an empty one of a message that had none. */
    private static Set<String> kinds(LogLines log) {
        Set<String> kinds = new TreeSet<>();
        for (String line : log.lines()) {
            JsonNode json = json(line);
            kinds.add(json.path("kind").asText(json.at("/error/kind").asText()));
        }
        return kinds;
    }
}
