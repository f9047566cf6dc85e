package dev.millrace.deadletters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.net.AddressRules;
import dev.millrace.net.HostList;
import dev.millrace.net.UrlPolicy;
import dev.millrace.source.ContentsReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** Why a message is dead, and which a rule means. */
class ReasonsTest {
    private static final String GOOD = body("https://images.test/a.jpg", "safety", "sink.test");

    private final LastWords words = new LastWords();
    private final Reasons reasons =
            new Reasons(
                    words,
                    new UrlPolicy(new AddressRules(List.of()), Set.of(), Optional.empty()),
                    new ContentsReader(
                            new UrlPolicy(
                                    new AddressRules(List.of()),
                                    Set.of(),
                                    Optional.of(new HostList(List.of("sink.test"))))),
                    Set.of("safety"));

    private static String body(String url, String task, String sink) {
        return "{\"url\": \"%s\", \"task\": \"%s\", \"callback_url\": \"https://%s/\"}"
                .formatted(url, task, sink);
    }

    private DeadLetter letter(String body) {
        return reasons.of(
                Message.builder()
                        .messageId("m")
                        .body(body)
                        .attributes(
                                Map.of(
                                        MessageSystemAttributeName.SENT_TIMESTAMP,
                                        "1000000",
                                        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                        "6"))
                        .build());
    }

    private void say(LastWord word) throws IOException {
        words.read(new BufferedReader(new StringReader(word.line())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    https://images.test/a.jpg   | safety | sink.test  | unknown       | images.test
                    https://images.test/a.jpg   | animal | sink.test  | unknown_task  | images.test
                    https://169.254.169.254/a   | safety | sink.test  | url_forbidden | 169.254.169.254
                    https://images.test:22/a    | safety | sink.test  | url_forbidden | images.test
                    https://images.test/a.jpg   | safety | other.test | url_forbidden | other.test
                    """)
    void whatNobodySaidTheBodySays(String url, String task, String sink, String kind, String host) {
        LastWord word = letter(body(url, task, sink)).word();
        assertEquals(kind, word.kind());
        assertEquals(host, word.host());
        assertEquals(6, word.receives());
        assertFalse(word.isSaid());
        assertFalse(word.message().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"not JSON {", "[]", "7", "{\"url\": 1e99999999999}"})
    void whatIsNoRequestIsMalformed(String body) {
        LastWord word = letter(body).word();
        assertEquals("malformed", word.kind());
        assertEquals("", word.host());
    }

    @Test
    void whatAsksForNoImageIsNotMalformed() {
        LastWord word = letter("{\"Event\": \"s3:TestEvent\"}").word();
        assertEquals("no_image", word.kind());
        assertEquals(
                "it asks for no image, and a worker would delete it: it is a test event of S3, sent when a bucket's notifications are set up",
                word.message());
    }

    @Test
    void deepAndHugeBodiesAreMalformedToo() {
        assertEquals("malformed", letter("[".repeat(100_000)).word().kind());
        assertEquals("malformed", letter("{\"id\": \"" + "x".repeat(250_000)).word().kind());
    }

    @Test
    void whatAWorkerSaidGoesBeforeWhatTheBodySays() throws IOException {
        LastWord said =
                new LastWord(
                        "m",
                        "4bf92f3577b34da6a3ce929d0e0e4736",
                        "callback_failed",
                        "callback",
                        "sink.test",
                        5,
                        Instant.ofEpochSecond(7),
                        "status 500");
        say(said);
        assertEquals(said, letter(GOOD).word());
        assertEquals(said, letter("no JSON").word());
    }

    @Test
    void aHostThatWasNotSaidIsThatOfTheBody() throws IOException {
        say(
                new LastWord(
                        "m",
                        "",
                        "url_forbidden",
                        "receive",
                        "",
                        1,
                        Instant.ofEpochSecond(7),
                        "other.test is not one of the hosts that this worker calls"));
        DeadLetter letter = letter(body("https://images.test/a.jpg", "safety", "other.test"));
        assertEquals("other.test", letter.word().host());
    }

    @Test
    void aRuleMeansWhatFitsAllOfIt() {
        DeadLetter letter = letter(GOOD);
        Optional<Instant> any = Optional.empty();
        assertTrue(new Rule(Set.of(), Set.of(), any).fits(letter));
        assertTrue(new Rule(Set.of("unknown", "poison"), Set.of("images.test"), any).fits(letter));
        assertFalse(new Rule(Set.of("poison"), Set.of("images.test"), any).fits(letter));
        assertFalse(new Rule(Set.of("unknown"), Set.of("sink.test"), any).fits(letter));
        Instant sent = Instant.ofEpochSecond(1000);
        assertTrue(new Rule(Set.of(), Set.of(), Optional.of(sent.plusMillis(1))).fits(letter));
        assertFalse(new Rule(Set.of(), Set.of(), Optional.of(sent)).fits(letter));
        DeadLetter undated = reasons.of(Message.builder().messageId("u").body(GOOD).build());
        assertFalse(new Rule(Set.of(), Set.of(), Optional.of(Instant.MAX)).fits(undated));
    }
}
