package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueSettingsTest {
    private static final String URL = "http://127.0.0.1:9324/000000000000/images";

    @Test
    void defaults() {
        assertEquals(
                new QueueSettings(
                        URL,
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(1),
                        OptionalInt.empty(),
                        Duration.ofMinutes(5)),
                QueueSettings.of(URL));
    }

    @Test
    void answersOfAnySizeFitTheHeap() {
        assertEquals(6, QueueSettings.receiversIn(384L << 20, 1 << 20));
        assertEquals(25, QueueSettings.receiversIn(384L << 20, 256 << 10));
        assertEquals(64, QueueSettings.receiversIn(4L << 30, 1 << 20));
        assertEquals(2, QueueSettings.receiversIn(16L << 20, 1 << 20));
    }

    @Test
    void aQueueOfSmallMessagesHasMorePollsUnlessTheOperatorSaysHowMany() {
        QueueSettings open = QueueSettings.of(URL);
        assertTrue(open.forMessagesOf(1 << 10).polls() > open.polls());
        QueueSettings set = open.withReceivers(3);
        assertEquals(3, set.forMessagesOf(1 << 10).polls());
        assertEquals(3, set.mostPolls());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "images", "sqs.example/images", "ftp://h/q", "http:///q", "http://a b/"})
    void aUrlThatIsNone(String url) {
        assertNames("queue.url: '" + url + "'", () -> QueueSettings.of(url));
    }

    @Test
    void anEndpointThatIsNone() {
        assertNames(
                "queue.endpoint: 'localhost:9324'",
                () ->
                        QueueSettings.of(
                                URL,
                                draft ->
                                        draft.endpoint =
                                                Optional.of(URI.create("localhost:9324"))));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.5S, PT10S, 2, PT5M, queue.visibility: 0.5s",
        "PT1.5S, PT10S, 2, PT5M, queue.visibility: 1.5s",
        "PT12H1S, PT10S, 2, PT13H, queue.visibility: 12h1s",
        "PT60S, PT-1S, 2, PT5M, queue.wait: -1s",
        "PT60S, PT21S, 2, PT5M, queue.wait: 21s",
        "PT60S, PT0.5S, 2, PT5M, queue.wait: 0.5s",
        "PT60S, PT10S, 0, PT5M, queue.receivers: 0",
        "PT60S, PT10S, 2, PT59S, queue.deadline: 59s",
        "PT60S, PT10S, 2, PT13H, queue.deadline: 13h"
    })
    void aValueOutOfRange(
            Duration visibility, Duration wait, int receivers, Duration deadline, String expected) {
        assertNames(
                expected,
                () ->
                        new QueueSettings(
                                URL,
                                Optional.empty(),
                                Optional.empty(),
                                visibility,
                                wait,
                                OptionalInt.of(receivers),
                                deadline));
    }

    private static void assertNames(String expected, Runnable construction) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, construction::run);
        assertTrue(refusal.getMessage().startsWith(expected), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count());
    }
}
