package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.services.sqs.model.Message;

/** {@code submit --wait} with two queues, and a thread that answers as a worker does. */
@WaitsMostly
class SubmitWaitIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private TestQueue queue;
    private String results;

    @BeforeEach
    void twoQueues() {
        queue = new TestQueue(5);
        results = queue.client().createQueue(request -> request.queueName("results")).queueUrl();
    }

    @AfterEach
    void closes() {
        queue.close();
    }

    private int submit(String... arguments) {
        List<String> all = new ArrayList<>(List.of("submit", "--tasks=safety"));
        all.addAll(List.of("--queue=" + queue.url(), "--wait"));
        all.addAll(List.of(arguments));
        CommandLine commands = Millrace.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(all.toArray(String[]::new));
    }

    private void send(String body) {
        queue.client().sendMessage(request -> request.queueUrl(results).messageBody(body));
    }

    /** Answers so many messages, each twice, but for those whose URL ends with {@code lost}. */
    private Thread worker(int messages) {
        return Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            for (int done = 0; done < messages; ) {
                                for (Message message : queue.receive()) {
                                    answer(message.body());
                                    done++;
                                }
                            }
                        });
    }

    private void answer(String body) {
        try {
            JsonNode request = JSON.readTree(body);
            assertEquals(results, request.at("/results/sqs").asText());
            String url = request.path("url").asText();
            ObjectNode result = JSON.createObjectNode().put("id", request.path("id").asText());
            result.put("status", url.endsWith("bad") ? "error" : "ok").put("url", url);
            result.set("metadata", request.path("metadata"));
            if (!url.endsWith("lost")) {
                send(result.toString());
                send(result.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void eachVerdictIsPrintedOnceAndWhatIsNotOursIsLeft() throws Exception {
        Path list = folder.resolve("list.jsonl");
        List<String> lines =
                new ArrayList<>(
                        IntStream.range(0, 24)
                                .mapToObj(i -> "{\"url\":\"http://a/" + i + "\"}")
                                .toList());
        lines.add("{\"url\":\"http://a/24\",\"id\":\"mine\",\"metadata\":{\"k\":1}}");
        Files.write(list, lines);
        send("{\"id\":\"another's\",\"status\":\"ok\"}");
        worker(25);
        assertEquals(0, submit("--results-queue=" + results, list.toString()), err::toString);
        TreeMap<String, String> ids = new TreeMap<>();
        for (String line : out.toString().lines().toList()) {
            JsonNode result = JSON.readTree(line);
            assertEquals(null, ids.put(result.path("url").asText(), result.path("id").asText()));
        }
        assertEquals(25, ids.size());
        assertEquals("mine", ids.get("http://a/24"));
        assertTrue(out.toString().contains("\"metadata\":{\"k\":1}"), out.toString());
        assertEquals(
                List.of("25 messages sent", "25 results, 0 with an error"),
                err.toString().lines().toList());
        String unseen = "ApproximateNumberOfMessagesNotVisible";
        assertTrue(
                Integer.parseInt(
                                queue.client()
                                        .getQueueAttributes(
                                                request ->
                                                        request.queueUrl(results)
                                                                .attributeNamesWithStrings("All"))
                                        .attributesAsStrings()
                                        .get(unseen))
                        >= 1);
    }

    @Test
    void errorsAndMissingResultsAreToldByTheExitCode() {
        worker(3);
        assertEquals(
                1,
                submit(
                        "--results-queue=" + results,
                        "--patience=30s",
                        "http://a/bad",
                        "http://a/0"));
        assertEquals(
                List.of("2 messages sent", "2 results, 1 with an error"),
                err.toString().lines().toList());
        err.getBuffer().setLength(0);
        assertEquals(1, submit("--results-queue=" + results, "--patience=2s", "http://a/lost"));
        assertEquals(
                List.of(
                        "1 message sent",
                        "0 results, 0 with an error",
                        "millrace: 1 result did not come, and none has for 2 s; look into the log of the worker and the dead letter queue"),
                err.toString().lines().toList());
    }

    @Test
    void aMistakeIsOneLine() {
        assertMistake(
                "millrace: --wait: needs --results-queue; name a queue that the worker sends the results to",
                "--callback=http://sink/",
                "http://a/0");
        assertMistake(
                "millrace: --callback: missing; say where the worker sends the results, or give --results-queue",
                "http://a/0");
        assertMistake(
                "millrace: --callback and --results-queue are both given; give one of them",
                "--callback=http://sink/",
                "--results-queue=" + results,
                "http://a/0");
        assertMistake(
                "millrace: --results-queue: 'x' is not an absolute http or https URL; copy the queue's URL, such as https://sqs.eu-central-1.amazonaws.com/123456789012/images",
                "--results-queue=x",
                "http://a/0");
    }

    private void assertMistake(String line, String... arguments) {
        err.getBuffer().setLength(0);
        assertEquals(Millrace.MISTAKE, submit(arguments));
        assertEquals(line, err.toString().strip());
    }
}
