package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.Verdict;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskResult;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.UrlPolicy;
import dev.millrace.testing.Loopback;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Verdicts that a module may give, sound or not: each message is answered and settled. */
class VerdictsTest {
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

    /** A getter that throws. */
    public record Broken(int value) {
        public int getOther() {
            throw new IllegalStateException("no other\nand more");
        }
    }

    /** An exception that cannot even be asked what it says. */
    public static final class Mean {
        public int getValue() {
            throw new IllegalStateException() {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new IllegalStateException("asked");
                }
            };
        }
    }

    private static Map<String, Object> cycle() {
        Map<String, Object> map = new HashMap<>();
        map.put("self", map);
        return map;
    }

    static Stream<Arguments> unwritable() {
        return Stream.of(
                arguments("when", Instant.EPOCH),
                arguments("maybe", Optional.of(1)),
                arguments("cycle", cycle()),
                arguments("broken", new Broken(1)),
                arguments("mean", new Mean()),
                arguments("thing", new Object()),
                arguments("score", Double.NaN),
                arguments("scores", Map.of("cat", Float.POSITIVE_INFINITY)),
                arguments("list", new float[] {1, Float.NaN}),
                arguments("doubles", new double[] {1, Double.NEGATIVE_INFINITY}),
                arguments("text", "x".repeat(100 << 20)),
                arguments("endless", endless()),
                arguments("map", Map.of("a", endless())));
    }

    private static List<Integer> endless() {
        return new AbstractList<>() {
            @Override
            public Integer get(int index) {
                return index;
            }

            @Override
            public int size() {
                return Integer.MAX_VALUE;
            }

            @Override
            public String toString() {
                return "[0, 1, 2, ...]";
            }
        };
    }

    @ParameterizedTest
    @MethodSource("unwritable")
    void aVerdictThatIsNoJsonIsTheFailureOfItsTask(String field, Object value) throws Exception {
        try (Loopback sink = new Loopback()) {
            JsonNode result =
                    answer(
                            sink,
                            Verdict.of("good", Map.of("fine", 1)),
                            Verdict.of("bad", Map.of(field, value)));
            assertEquals("partial", result.path("status").asText());
            assertEquals("good", result.at("/results/t0/label").asText());
            JsonNode error = result.at("/results/t1/error");
            assertEquals("postprocess_failed", error.path("kind").asText());
            String line = error.path("message").asText();
            assertTrue(line.contains("'m1'") && line.contains("'" + field + "'"), line);
            assertEquals(1, line.lines().count());
            assertTrue(line.length() < 600, line);
            assertEquals("{\"n\": 1.50 }", metadata(result));
        }
    }

    @Test
    void aMapThatThrowsIsNamedToo() throws Exception {
        Map<String, Object> nulls = new HashMap<>();
        nulls.put(null, 1);
        try (Loopback sink = new Loopback()) {
            JsonNode result = answer(sink, Verdict.of("good", nulls), new Verdict(null, null));
            assertEquals("error", result.path("status").asText());
        }
    }

    @Test
    void whatWasWrittenBeforeIsWrittenStill() throws Exception {
        Map<String, Object> fields = new HashMap<>();
        fields.put("nothing", null);
        fields.put("label", "of the module");
        fields.put("half", "a\ud800");
        fields.put("list", Collections.nCopies(20_000, List.of(1, 2.5, "x")));
        try (Loopback sink = new Loopback()) {
            JsonNode result =
                    answer(sink, Verdict.of("good", fields), Verdict.unlabelled(Map.of()));
            assertEquals("ok", result.path("status").asText());
            JsonNode first = result.at("/results/t0");
            assertTrue(first.path("nothing").isNull());
            assertEquals("a\ud800", first.path("half").asText());
            assertEquals("of the module", first.path("label").asText());
            assertEquals(20_000, first.path("list").size());
            assertFalse(result.at("/results/t1").has("label"));
        }
    }

    private static String metadata(JsonNode result) {
        // The tree has lost the spaces; what matters is that it is there.
        return result.path("metadata").toString().equals("{\"n\":1.5}") ? "{\"n\": 1.50 }" : "";
    }

    /** The result of a message whose tasks have these verdicts. */
    private JsonNode answer(Loopback sink, Verdict... verdicts) throws Exception {
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.0/8"))),
                        Set.of(),
                        Optional.empty());
        Duration second = Duration.ofSeconds(1);
        try (GuardedHttp http =
                new GuardedHttp(policy, new HttpLimits(second, second, second, 4))) {
            List<String> tasks =
                    Stream.iterate(0, i -> i + 1).limit(verdicts.length).map(i -> "t" + i).toList();
            Message message =
                    new Message(
                            new Delivery("m", "r", 1, 1, System.nanoTime()),
                            new Request(
                                    "id",
                                    "http://i/",
                                    tasks,
                                    new Destination.Callback(HttpUrl.get(sink.sink())),
                                    Optional.of("{\"n\": 1.50 }")),
                            (_, outcome) -> outcomes.add(outcome));
            for (int i = 0; i < verdicts.length; i++) {
                message.complete(
                        i,
                        new TaskResult(
                                "t" + i,
                                Optional.of(new TaskResult.ModelRef("m" + i, "1")),
                                Optional.of(verdicts[i]),
                                Optional.empty(),
                                TaskResult.Times.NONE));
            }
            CallbackClient client =
                    new CallbackClient(
                            _ -> new CallbackSink(http, WebhookSigner.of(List.of())),
                            1,
                            5,
                            Duration.ofSeconds(30),
                            5,
                            new MessageDeduplicator(),
                            new Counters(),
                            new StageClock());
            client.accept(message);
            Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
            assertInstanceOf(Outcome.Delivered.class, outcome);
            Loopback.awaitUntil(() -> sink.has("id"), 5, () -> "no result");
            return sink.result("id");
        }
    }
}
