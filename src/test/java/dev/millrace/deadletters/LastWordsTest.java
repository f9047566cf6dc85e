package dev.millrace.deadletters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Stage;
import dev.millrace.testing.Messages;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written of a message that was given back, and what is read again of it. */
class LastWordsTest {
    private static final Message MESSAGE =
            Messages.of(
                    "https://Images.test/private/a.jpg?signature=secret",
                    List.of("safety"),
                    "https://sink.test/results?token=secret",
                    (_, _) -> {});

    private static LastWord word(String id, int second) {
        return new LastWord(
                id,
                "",
                "fetch_failed",
                "fetch",
                "images.test",
                3,
                Instant.ofEpochSecond(second),
                "said in second " + second);
    }

    private static LastWords read(LastWords words, String... lines) throws IOException {
        words.read(new BufferedReader(new StringReader(String.join("\n", lines))));
        return words;
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Failure failure = new Failure(Failure.Kind.FETCH_FAILED, Stage.FETCH, "answered 503");
        LastWord word = LastWord.of(MESSAGE, failure);
        assertEquals("images.test", word.host());
        assertEquals("message", word.messageId());
        assertEquals(Optional.of(word), LastWord.read(word.line()));
        assertTrue(word.isSaid());
        assertFalse(word.line().contains("secret") || word.line().contains("private"));
        assertFalse(word.line().contains("\n"), word.line());
    }

    @Test
    void aCallbackThatFailedIsAboutItsHost() {
        Failure failure = new Failure(Failure.Kind.CALLBACK_FAILED, Stage.CALLBACK, "status 500");
        assertEquals("sink.test", LastWord.of(MESSAGE, failure).host());
    }

    @Test
    void aReasonOfTwoLinesIsOne() {
        Failure failure =
                new Failure(Failure.Kind.INFERENCE_FAILED, Stage.INFER, "one\n{\"event\": 1}");
        String line = LastWord.of(MESSAGE, failure).line();
        assertEquals(1, line.lines().count());
        assertEquals("one", LastWord.read(line).orElseThrow().message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "worker-7  %s",
                "2026-11-27T16:56:01Z stdout F %s",
                "[pod/worker-7] %s trailing words"
            })
    void collectorsOfLogsPutWordsAroundALine(String frame) {
        LastWord word = word("m", 9);
        assertEquals(Optional.of(word), LastWord.read(frame.formatted(word.line())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "} {",
                "2026-11-27T16:56:01.123Z INFO  Worker: ready",
                "{\"event\":\"given_back\"}",
                "{\"event\":\"given_back\",\"message_id\":\"m\",\"time\":\"yesterday\"}",
                "{\"time\":\"2026-11-27T16:56:01Z\",\"event\":\"given_back\",\"message_id\":\"m\",\"ki",
                "{\"message\":\"\\\"given_back\\\"\",\"message_id\":\"m\"}"
            })
    void otherLinesSayNothing(String line) {
        assertEquals(Optional.empty(), LastWord.read(line));
    }

    @Test
    void theLatestWordCountsWhateverTheOrderOfTheLogs() throws IOException {
        LastWords words =
                read(
                        new LastWords(),
                        word("m", 5).line(),
                        word("m", 9).line(),
                        "no JSON",
                        word("m", 7).line());
        assertEquals(1, words.size());
        assertEquals(word("m", 9), words.of("m").orElseThrow());
        assertEquals(Optional.empty(), words.of("other"));
    }

    @Test
    void ofTooManyMessagesThoseReadLastAreKnown() throws IOException {
        LastWords words = new LastWords(2);
        read(words, word("a", 1).line(), word("b", 2).line(), word("a", 3).line());
        read(words, word("c", 4).line());
        assertEquals(2, words.size());
        assertTrue(words.of("a").isPresent() && words.of("c").isPresent());
    }

    @Test
    void anImageIsAtAHostOrInABucket() {
        assertEquals("a.example", LastWord.hostOf("https://a.example/b.jpg"));
        assertEquals("photos", LastWord.hostOf("s3://photos/a b.jpg"));
        assertEquals("", LastWord.hostOf("s3://Photos/a b.jpg"));
        assertEquals("", LastWord.hostOf("photos"));
        assertEquals("", LastWord.hostOf(null));
    }
}
