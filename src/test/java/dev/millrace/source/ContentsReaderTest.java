package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.job.Destination;
import dev.millrace.job.FailureException;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Request;
import dev.millrace.net.AddressRules;
import dev.millrace.net.UrlPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies as they come, and what is made of each. */
class ContentsReaderTest {
    private static final Path EVENTS = Path.of("src/test/resources/events");
    private static final UrlPolicy CALLBACKS =
            new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty());
    private static final Destination CALLBACK =
            new Destination.Callback(HttpUrl.get("https://c.test/"));
    private static final RequestDefaults DEFAULTS =
            new RequestDefaults(List.of("tags", "safety"), Optional.of("{\"from\":\"bucket\"}"));
    private static final ContentsReader READER =
            new ContentsReader(Destinations.callbacks(CALLBACKS).otherwise(CALLBACK), DEFAULTS);
    private static final String RECORD =
            "{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"photos\"},\"object\":{\"key\":\"a.jpg\"}}}";

    static List<Arguments> cases() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        List<String> lines = Files.readAllLines(EVENTS.resolve("cases.txt"));
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("== ")) {
                String body = lines.get(i + 1);
                int end = i + 2;
                while (end < lines.size() && !lines.get(end).isEmpty()) {
                    end++;
                }
                cases.add(
                        arguments(
                                lines.get(i).substring(3),
                                body.startsWith("@")
                                        ? Files.readString(EVENTS.resolve(body.substring(1)))
                                        : body,
                                lines.subList(i + 2, end)));
            }
        }
        assertTrue(cases.size() >= 40, cases.size() + " cases");
        return cases;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void eachBodyIsImagesOrADropOrARefusal(String name, String body, List<String> expected) {
        List<String> made = made(body);
        if (made.size() == 1 && made.getFirst().startsWith("refused ")) {
            String line = made.getFirst();
            assertTrue(line.startsWith(expected.getFirst()), line);
            assertTrue(line.length() < 300 && line.lines().count() == 1, line);
        } else {
            assertEquals(expected, made);
        }
    }

    private static List<String> made(String body) {
        try {
            Contents contents = READER.read(body, "message");
            return Stream.concat(
                            contents.requests().stream().map(ContentsReaderTest::shown),
                            contents.dropped().stream().map(why -> "drop " + why.wireName()))
                    .toList();
        } catch (MalformedRequestException | FailureException e) {
            return List.of("refused " + e.getMessage());
        }
    }

    private static String shown(Request request) {
        return request.object()
                .map(
                        object ->
                                "image %s | %s | %s | %s | %s"
                                        .formatted(
                                                object.bucket(),
                                                object.key(),
                                                object.versionId().orElse("-"),
                                                object.etag().orElse("-"),
                                                object.region().orElse("-")))
                .orElseGet(
                        () ->
                                "url %s | %s | %s"
                                        .formatted(
                                                request.url(),
                                                String.join(",", request.tasks()),
                                                request.id()));
    }

    private static String records(int count) {
        return "{\"Records\":[" + String.join(",", Collections.nCopies(count, RECORD)) + "]}";
    }

    @Test
    void anEventHasTheDefaultsAndTheQueuesId() throws Exception {
        Request request = READER.read(records(1), "message").requests().getFirst();
        assertEquals(
                new Request(
                        "message",
                        "s3://photos/a.jpg",
                        DEFAULTS.tasks(),
                        CALLBACK,
                        DEFAULTS.metadata(),
                        Optional.of(
                                new ObjectRef(
                                        "photos",
                                        "a.jpg",
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()))),
                request);
    }

    @Test
    void imagesOfOneMessageHaveIdsByThePositionOfTheirRecord() throws Exception {
        String removed = RECORD.replace("ObjectCreated:Put", "ObjectRemoved:Delete");
        String body = records(3).replaceFirst("\\Q" + RECORD + "\\E,", removed + ",");
        assertEquals(
                List.of("message_1", "message_2"),
                READER.read(body, "message").requests().stream().map(Request::id).toList());
    }

    @Test
    void whatAMessageSaysGoesBeforeTheDefaults() throws Exception {
        Request request =
                READER.read(
                                "{\"url\":\"http://i/\",\"tasks\":[\"own\"],\"callback_url\":\"http://own.test/\",\"metadata\":7}",
                                "message")
                        .requests()
                        .getFirst();
        assertEquals(List.of("own"), request.tasks());
        assertEquals("own.test", request.destination().name());
        assertEquals(Optional.of("7"), request.metadata());
    }

    @Test
    void withoutDefaultsALineSaysWhichKeysToSet() {
        ContentsReader without = new ContentsReader(CALLBACKS);
        assertEquals(
                "in Records[0]: an event names no task and no callback; set source.defaults.tasks and source.defaults.callback in the worker's configuration",
                refusal(without, records(1)));
        ContentsReader half = new ContentsReader(Destinations.callbacks(CALLBACKS), DEFAULTS);
        assertEquals(
                "in Records[0]: an event names no task and no callback; set source.defaults.callback in the worker's configuration",
                refusal(half, records(1)));
        assertEquals(
                "task is missing; give task or tasks, or set source.defaults.tasks in the worker's configuration",
                refusal(without, "{\"url\":\"http://i/\",\"callback_url\":\"http://c/\"}"));
        assertEquals(
                "callback_url is missing; give it or results, or set source.defaults.callback in the worker's configuration",
                refusal(half, "{\"url\":\"http://i/\"}"));
    }

    /** What asks for nothing needs no defaults. */
    @Test
    void aTestEventIsDroppedWithoutDefaults() throws Exception {
        String body = Files.readString(EVENTS.resolve("moto-5.2.1/s3-sns-test-event-1.json"));
        assertEquals(1, new ContentsReader(CALLBACKS).read(body, "message").dropped().size());
    }

    @Test
    void aThousandRecordsAreReadAndNoMore() throws Exception {
        assertEquals(1000, READER.read(records(1000), "message").requests().size());
        assertEquals("Records has 1001 entries; send 1 to 1000", refusal(READER, records(1001)));
    }

    /** The bounds on a body hold for what is in an envelope, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"TopicArn\":\"t\",\"Type\":\"Notification\",\"Message\":\"{\\\"id\\\":%s}\"}",
                "{\"specversion\":\"1.0\",\"data\":{\"id\":%s}}",
                "{\"detail-type\":\"x\",\"source\":\"y\",\"detail\":{\"id\":%s}}",
                "{\"Records\":[{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:x\",\"s3\":{\"bucket\":{\"a\":%s}}}]}"
            })
    void depthAndNumbersAreBoundedInEachLayer(String envelope) {
        String deep = "[".repeat(40) + "]".repeat(40);
        assertTrue(refusal(READER, envelope.formatted(deep)).contains("nesting depth"));
        String number = "9".repeat(1001);
        assertTrue(refusal(READER, envelope.formatted(number)).contains("Number value length"));
    }

    private static String refusal(ContentsReader reader, String body) {
        return assertThrows(MalformedRequestException.class, () -> reader.read(body, "message"))
                .getMessage();
    }
}
