package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.TestQueue;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * No row: the command {@code dead-letters} over 10,000 messages of eight kinds. It is killed when
 * the queue has sent, or deleted, what the command does not know of yet.
 */
class DeadLettersFT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MESSAGES = Integer.getInteger("millrace.deadletters", 10_000);
    private static final int CONTROL_MESSAGES = 160;
    private static final int BATCH = 10;
    private static final int RATE = 100;
    private static final Duration HOLD = Duration.ofSeconds(10);

    /** After which the calls of a fresh process take no longer than later ones. */
    private static final Duration WARM = Duration.ofSeconds(2);

    /** Threads of the command, each with a batch. */
    private static final int UNDER_WAY = 8 * BATCH;

    /** The first five were said by a worker; the others are what their bodies say. */
    private static final List<String> KINDS =
            List.of(
                    "fetch_failed",
                    "fetch_timeout",
                    "callback_failed",
                    "inference_failed",
                    "draining",
                    "malformed",
                    "unknown_task",
                    "unknown");

    private static final int SAID = 5;
    private static final List<String> BACK = KINDS.subList(0, 4);
    private static final List<String> DROPPED = List.of("malformed", "unknown_task");

    /** What would lose: a message is in no queue for a moment. */
    private static final Change DELETE_FIRST =
            new Change(
                    "deadletters/Redrive.java",
                    "List<DeadLetter> sent = send(letters, pass);\n            delete(sent, pass);",
                    "delete(letters, pass);\n            send(letters, pass);");

    @TempDir private Path folder;

    private final long seed = Long.getLong("millrace.seed", 20_260_117);

    /** A queue with dead letters and what is known of each. */
    private final class Scene implements AutoCloseable {
        private final TestQueue queue = new TestQueue(5);
        private final DeadLetterFront front = new DeadLetterFront(queue.endpoint());
        private final String dead = queue.endpoint() + "/000000000000/dead-letters";
        private final Map<String, String> kindOfBody = new HashMap<>();
        private final Map<String, String> kindOfId = new HashMap<>();
        private final Path place = Files.createTempDirectory(folder, "scene");
        private final List<Path> before;

        /**
         * @param changes of the command
         */
        Scene(int messages, List<Change> changes) throws IOException {
            before =
                    changes.isEmpty()
                            ? List.of()
                            : List.of(
                                    Undefended.changed(
                                            Files.createTempDirectory(folder, "changed"), changes));
            Files.writeString(
                    place.resolve("worker.yaml"),
                    """
                    queue: {url: "%s"}
                    models: [{task: safety, bundle: "%s"}]
                    """
                            .formatted(front.url(), Path.of("engines/safety").toAbsolutePath()));
            for (int from = 0; from < messages; from += BATCH) {
                send(IntStream.range(from, from + BATCH).boxed().toList());
            }
            List<String> said = new ArrayList<>();
            kindOfId.forEach(
                    (id, kind) -> {
                        if (KINDS.indexOf(kind) < SAID) {
                            said.add(line(id, kind));
                        }
                    });
            Files.write(place.resolve("said.jsonl"), said);
        }

        private static String line(String id, String kind) {
            return "{\"time\":\"2026-11-27T16:56:01Z\",\"event\":\"given_back\",\"message_id\":\"%s\",\"kind\":\"%s\",\"stage\":\"fetch\",\"host\":\"images.test\",\"receives\":5,\"message\":\"so it was\"}"
                    .formatted(id, kind);
        }

        private static String body(int number, String kind) {
            String body = TestQueue.body("m" + number);
            return switch (kind) {
                case "malformed" -> "no request " + number;
                case "unknown_task" -> body.replace("safety", "animals");
                default -> body;
            };
        }

        private void send(List<Integer> numbers) {
            List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
            for (int number : numbers) {
                String kind = KINDS.get(number % KINDS.size());
                String body = body(number, kind);
                kindOfBody.put(body, kind);
                entries.add(
                        SendMessageBatchRequestEntry.builder()
                                .id(Integer.toString(number))
                                .messageBody(body)
                                .messageAttributes(Map.of("body", hash(body)))
                                .build());
            }
            for (SendMessageBatchResultEntry entry :
                    queue.client()
                            .sendMessageBatch(request -> request.queueUrl(dead).entries(entries))
                            .successful()) {
                int number = Integer.parseInt(entry.id());
                kindOfId.put(entry.messageId(), KINDS.get(number % KINDS.size()));
            }
        }

        private static MessageAttributeValue hash(String body) {
            return MessageAttributeValue.builder()
                    .dataType("Number")
                    .stringValue(Integer.toString(body.hashCode()))
                    .build();
        }

        private Process start(String... arguments) throws IOException {
            List<String> all =
                    new ArrayList<>(
                            List.of(
                                    "dead-letters",
                                    "--config=" + place.resolve("worker.yaml"),
                                    "--said=" + place.resolve("said.jsonl"),
                                    "--hold=" + HOLD.toSeconds() + "s"));
            all.addAll(List.of(arguments));
            List<String> command = CommandProcess.line(List.of(), all);
            int at = command.indexOf("-cp") + 1;
            for (Path classes : before.reversed()) {
                command.set(at, classes + File.pathSeparator + command.get(at));
            }
            return new ProcessBuilder(command)
                    .redirectOutput(place.resolve("out").toFile())
                    .redirectError(place.resolve("err").toFile())
                    .start();
        }

        /** To its end; says how it ended. */
        int run(String... arguments) throws Exception {
            return end(start(arguments));
        }

        /** Until the queue has done so many calls of a kind and one more. */
        void killed(String action, int calls, String... arguments) throws Exception {
            Process process = start(arguments);
            front.killAt(action, calls, process);
            assertEquals(137, end(process), said());
            // What it hid is visible again by then.
            Thread.sleep(HOLD.plusSeconds(1));
        }

        private int end(Process process) throws InterruptedException {
            try {
                assertTrue(process.waitFor(300, TimeUnit.SECONDS), "it must end");
                return process.exitValue();
            } finally {
                process.destroyForcibly();
            }
        }

        String said() throws IOException {
            return Files.readString(place.resolve("err"));
        }

        /** Messages of a queue by body, with how many there are of each. */
        Map<String, Integer> bodies(String url) {
            Map<String, Integer> all = new HashMap<>();
            for (int empty = 0; empty < 3; ) {
                List<Message> some =
                        queue.client()
                                .receiveMessage(
                                        request ->
                                                request.queueUrl(url)
                                                        .maxNumberOfMessages(BATCH)
                                                        .visibilityTimeout(600)
                                                        .messageAttributeNames("All")
                                                        .waitTimeSeconds(0))
                                .messages();
                for (Message message : some) {
                    all.merge(message.body(), 1, Integer::sum);
                    assertEquals(Map.of("body", hash(message.body())), message.messageAttributes());
                }
                empty = some.isEmpty() ? empty + 1 : 0;
            }
            return all;
        }

        /**
         * How many a second were sent since the last kill, or the start, once the JVM was warm: no
         * more than were asked for, beside the half second that a redrive makes up for, and not
         * many fewer; in words.
         */
        String rate() {
            List<DeadLetterFront.Sent> all = front.sent();
            List<DeadLetterFront.Sent> warm =
                    all.stream()
                            .filter(one -> one.ns() - all.getFirst().ns() > WARM.toNanos())
                            .toList();
            if (warm.size() < 20) {
                return "too short to say";
            }
            int messages = warm.stream().skip(1).mapToInt(DeadLetterFront.Sent::messages).sum();
            double seconds = (warm.getLast().ns() - warm.getFirst().ns()) / 1e9;
            String line = "%.1f/s over %.1f s".formatted(messages / seconds, seconds);
            assertTrue(messages <= 1.01 * RATE * seconds + RATE / 2.0, line);
            // A machine that does other things as well may be slower, never faster.
            assertTrue(!Reliability.isWhole() || messages >= 0.9 * RATE * seconds, line);
            return line;
        }

        @Override
        public void close() {
            front.close();
            queue.close();
        }
    }

    @Test
    void whatIsKilledInBetweenLosesNothing() throws Exception {
        System.out.println("dead letters, seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int back = MESSAGES / KINDS.size() * BACK.size();
        int dropped = MESSAGES / KINDS.size() * DROPPED.size();
        try (Scene scene = new Scene(MESSAGES, List.of())) {
            for (int time = 0; time < 2; time++) {
                assertEquals(0, scene.run("--json", "--limit=" + MESSAGES), scene.said());
                assertEquals(scene.kindOfId, listed(scene));
            }
            assertEquals(4, scene.run("--drop", "--older-than=0s"), scene.said());
            assertEquals(MESSAGES, scene.queue.deadLetters());

            String[] redrive = {
                "--redrive", "--yes", "--rate=" + RATE, "--kind=" + String.join(",", BACK)
            };
            int calls = back / BATCH;
            scene.killed("SendMessageBatch", calls / 4 + random.nextInt(calls / 8), redrive);
            String first = scene.rate();
            assertTrue(scene.queue.deadLetters() + scene.queue.left() >= MESSAGES);
            scene.killed("DeleteMessageBatch", calls / 4 + random.nextInt(calls / 8), redrive);
            assertTrue(scene.queue.deadLetters() + scene.queue.left() >= MESSAGES);
            scene.front.killAt("", 0, null);
            assertEquals(0, scene.run(redrive), scene.said());
            String last = scene.rate();

            String[] drop = {"--drop", "--yes", "--kind=" + String.join(",", DROPPED)};
            scene.killed("DeleteMessageBatch", random.nextInt(dropped / BATCH / 2), drop);
            assertEquals(0, scene.run(drop), scene.said());
            System.out.printf(
                    "dead letters: %,d of %,d sent back at %s and %s, %d twice; %,d"
                            + " dropped, %,d left, 0 lost%n",
                    back,
                    MESSAGES,
                    first,
                    last,
                    requireAll(scene),
                    dropped,
                    scene.queue.deadLetters());
        }
        assertEquals(0, lost(List.of()));
        int lost = lost(List.of(DELETE_FIRST));
        assertTrue(lost > 0, "the control must lose");
        System.out.printf("dead letters | control, deleted before it is sent: %d lost%n", lost);
    }

    private static Map<String, String> listed(Scene scene) throws IOException {
        Map<String, String> kinds = new HashMap<>();
        for (String line : Files.readAllLines(scene.place.resolve("out"))) {
            JsonNode one = JSON.readTree(line);
            kinds.put(one.path("message_id").asText(), one.path("kind").asText());
        }
        return kinds;
    }

    /** Each message is where it belongs; says how many are there twice. */
    private static int requireAll(Scene scene) {
        Map<String, Integer> dead = scene.bodies(scene.dead);
        Map<String, Integer> back = scene.bodies(scene.queue.url());
        scene.kindOfBody.forEach(
                (body, kind) -> {
                    boolean isBack = BACK.contains(kind);
                    boolean isDead = !isBack && !DROPPED.contains(kind);
                    assertEquals(isDead ? 1 : 0, dead.getOrDefault(body, 0), body);
                    assertEquals(isBack, back.containsKey(body), body);
                });
        int twice = back.values().stream().mapToInt(count -> count - 1).sum();
        // Two kills.
        assertTrue(twice <= 2 * UNDER_WAY, twice + " were sent twice");
        return twice;
    }

    /** How many are nowhere when a redrive was killed at a delete and run again. */
    private int lost(List<Change> changes) throws Exception {
        try (Scene scene = new Scene(CONTROL_MESSAGES, changes)) {
            String[] redrive = {"--redrive", "--yes", "--rate=" + RATE};
            scene.killed("DeleteMessageBatch", 3, redrive);
            assertEquals(0, scene.run(redrive), scene.said());
            Map<String, Integer> left =
                    scene.bodies(scene.dead).entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            left.putAll(scene.bodies(scene.queue.url()));
            return scene.kindOfBody.size() - left.size();
        }
    }
}
