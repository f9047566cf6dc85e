package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every shipped photo goes through a whole worker, and the verdicts are the reference's. The
 * tolerances are those that {@code golden.json} states: what one level of noise on the resized
 * pixels can do.
 */
class VerdictsIT {
    private static final double CLEAR_MARGIN = 0.2;
    private static final double PROBABILITY = 0.1;
    private static final double THRESHOLD = 0.35;
    private static final double CLEAR_SCORE = THRESHOLD + 0.08;
    private static final double SCORE = 0.06;
    private static final double OVERLAP = 0.8;

    private static final Map<String, JsonNode> RESULTS = new TreeMap<>();
    private static JsonNode golden;

    @BeforeAll
    static void run() throws Exception {
        ObjectMapper json = new ObjectMapper();
        try (InputStream in = VerdictsIT.class.getResourceAsStream("/golden.json")) {
            golden = json.readTree(in);
        }
        List<String> photos = new ArrayList<>();
        try (InputStream in = VerdictsIT.class.getResourceAsStream("/photos-manifest.json")) {
            for (JsonNode image : json.readTree(in).get("images")) {
                if (!image.get("format").asText().equals("AVIF")) {
                    photos.add(image.get("file").asText());
                }
            }
        }
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                Worker worker =
                        Worker.start(
                                Workers.config(
                                        queue.settings(Duration.ofSeconds(60)),
                                        64,
                                        "safety",
                                        "objects",
                                        "text",
                                        "colors"))) {
            List<String> bodies = new ArrayList<>();
            for (String photo : photos) {
                ObjectNode body = json.createObjectNode();
                body.put("id", photo).put("url", loopback.photo(photo));
                body.putArray("tasks").add("safety").add("objects").add("text").add("colors");
                body.put("callback_url", loopback.sink());
                body.putObject("metadata").put("photo", photo);
                bodies.add(body.toString());
            }
            queue.send(bodies);
            loopback.await(photos.size(), 60);
            for (String photo : photos) {
                RESULTS.put(photo, loopback.result(photo));
            }
            Loopback.awaitUntil(() -> queue.left() == 0, 10, () -> queue.left() + " left");
            assertEquals(0, loopback.duplicates());
            assertEquals(0, queue.deadLetters());
            assertTrue(worker.fault().state() == java.util.concurrent.Future.State.RUNNING);
        }
    }

    @AfterAll
    static void forget() {
        RESULTS.clear();
    }

    @Test
    void everyPhotoHasEveryVerdict() {
        assertEquals(22, RESULTS.size());
        RESULTS.forEach(
                (photo, result) -> {
                    assertEquals("ok", result.path("status").asText(), photo);
                    assertEquals(4, result.path("results").size(), photo);
                    assertEquals(photo, result.at("/metadata/photo").asText());
                });
    }

    @Test
    void theSafetyClassifierAgreesWithTheReference() {
        assertClassifier("safety", "nsfw_mobilenet_v2");
    }

    @Test
    void aClassifierThatIsAFolderAloneAgreesWithTheReference() {
        assertClassifier("colors", "tiny_meancolor");
    }

    private static void assertClassifier(String task, String model) {
        int checked = 0;
        int clear = 0;
        double worst = 0;
        for (Map.Entry<String, JsonNode> entry : RESULTS.entrySet()) {
            String photo = entry.getKey();
            JsonNode verdict = entry.getValue().path("results").path(task);
            JsonNode top = golden.at("/models/" + model + "/images").path(photo).at("/aa/top");
            assertTrue(top.size() > 1, "no reference for " + photo);
            double margin = top.get(0).get(1).asDouble() - top.get(1).get(1).asDouble();
            if (margin >= CLEAR_MARGIN) {
                clear++;
                assertEquals(top.get(0).get(0).asText(), verdict.path("label").asText(), photo);
            }
            for (JsonNode pair : top) {
                double expected = pair.get(1).asDouble();
                double found = verdict.path("scores").path(pair.get(0).asText()).asDouble(-1);
                assertEquals(expected, found, PROBABILITY, photo + " " + pair.get(0));
                worst = Math.max(worst, Math.abs(expected - found));
            }
            checked++;
        }
        System.out.printf(
                "%s: %d photos checked, top-1 compared on %d, largest difference %.4f%n",
                task, checked, clear, worst);
        assertTrue(checked == RESULTS.size() && clear > checked / 2);
    }

    @Test
    void theDetectorFindsWhatTheReferenceFinds() {
        int expected = 0;
        double worstScore = 0;
        double worstOverlap = 1;
        for (Map.Entry<String, JsonNode> entry : RESULTS.entrySet()) {
            String photo = entry.getKey();
            JsonNode reference =
                    golden.at("/models/nanodet_g_416/images").path(photo).at("/aa/detections");
            assertTrue(reference.isArray(), "no reference for " + photo);
            for (JsonNode detection : reference) {
                if (detection.get("score").asDouble() < CLEAR_SCORE) {
                    continue;
                }
                expected++;
                JsonNode found = closest(entry.getValue(), detection);
                assertTrue(found != null, photo + " lacks " + detection);
                double overlap = overlap(found.get("box"), detection.get("box"));
                double difference =
                        Math.abs(found.get("score").asDouble() - detection.get("score").asDouble());
                assertTrue(overlap >= OVERLAP, photo + " " + found + " is not " + detection);
                assertTrue(difference <= SCORE, photo + " " + found + " is not " + detection);
                worstScore = Math.max(worstScore, difference);
                worstOverlap = Math.min(worstOverlap, overlap);
            }
        }
        System.out.printf(
                "objects: %d photos checked, %d detections, lowest IoU %.3f, largest difference"
                        + " of scores %.4f%n",
                RESULTS.size(), expected, worstOverlap, worstScore);
        assertTrue(expected > 10, expected + " detections");
    }

    private static JsonNode closest(JsonNode result, JsonNode wanted) {
        JsonNode best = null;
        double most = 0;
        Iterator<JsonNode> found = result.at("/results/objects/detections").elements();
        while (found.hasNext()) {
            JsonNode candidate = found.next();
            double overlap = overlap(candidate.get("box"), wanted.get("box"));
            boolean same = candidate.get("label").equals(wanted.get("label"));
            if (same && overlap > most) {
                most = overlap;
                best = candidate;
            }
        }
        return best;
    }

    private static double overlap(JsonNode a, JsonNode b) {
        double width = side(a, b, 0);
        double height = side(a, b, 1);
        double both = width * height;
        return both / (area(a) + area(b) - both);
    }

    private static double side(JsonNode a, JsonNode b, int axis) {
        double from = Math.max(a.get(axis).asDouble(), b.get(axis).asDouble());
        double to = Math.min(a.get(axis + 2).asDouble(), b.get(axis + 2).asDouble());
        return Math.max(0, to - from);
    }

    private static double area(JsonNode box) {
        return (box.get(2).asDouble() - box.get(0).asDouble())
                * (box.get(3).asDouble() - box.get(1).asDouble());
    }

    @Test
    void textIsFoundWhereThereIsText() {
        JsonNode page = RESULTS.get("png-384x191-page-text.png").at("/results/text");
        assertEquals("text", page.path("label").asText());
        assertTrue(page.path("boxes").size() >= 5, page.toString());
        double covered = page.path("text_fraction").asDouble();
        assertTrue(covered > 0.1 && covered < 0.6, page.toString());
        JsonNode cat = RESULTS.get("png-451x300-cat.png").at("/results/text");
        assertTrue(cat.path("text_fraction").asDouble() < 0.02, cat.toString());
    }
}
