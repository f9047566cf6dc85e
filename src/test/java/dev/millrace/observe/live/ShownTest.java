package dev.millrace.observe.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What strangers wrote is shown without what may be a secret. */
class ShownTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://h.example/a/secret.jpg answered 404; check | https://h.example/… answered 404; check",
                "https://h.example/a?X-Amz-Signature=secret: the connection broke off | https://h.example/…: the connection broke off",
                "http://user:secret@h.example:8080/a#b was too slow | http://h.example:8080/… was too slow",
                "http://h.example was not requested | http://h.example was not requested",
                "s3://bucket/secret/key (the store denies it) | s3://bucket/… (the store denies it)",
                "no url here, a/b?c=d stays | no url here, a/b?c=d stays",
                "https://[2001:db8::1]:99/secret. | https://[2001:db8::1]:99/….",
                "HTTPS://H.EXAMPLE/secret | HTTPS://H.EXAMPLE/…",
                "wss+x://h/secret | wss+x://h/…"
            })
    void ofAUrlTheHostIsLeft(String text, String shown) {
        assertEquals(shown, Shown.line(text));
    }

    @ParameterizedTest
    @CsvSource({
        "https://u:secret@h.example:8443/a?b=c, h.example:8443",
        "h.example, h.example",
        "h.example:443, h.example:443",
        "s3://bucket/key, bucket",
        "standard output, standard output",
        "arn:aws:sns:eu-central-1:123456789012:results, arn:aws:sns:eu-central-1:123456789012:results",
        "no/url?secret, no",
        "'', ''"
    })
    void ofWhereItWasTheHostIsShown(String where, String host) {
        assertEquals(host, Shown.host(where));
    }

    @Test
    void aUrlInQuotesIsOneAsWell() {
        assertEquals(
                "'https://h.example/…' and \"https://i.example/…\"",
                Shown.line("'https://h.example/secret' and \"https://i.example?secret\""));
    }

    @Test
    void itIsOneShortLineOfLetters() {
        assertEquals("first", Shown.line("first\nsecond"));
        assertEquals("a?b", Shown.line("a\u202eb"));
        assertEquals("a?b", Shown.line("a\u001bb"));
        assertTrue(Shown.line("x".repeat(5000)).length() <= 301);
        assertTrue(Shown.host("h".repeat(5000)).length() <= 101);
    }

    /** No text makes the search for URLs slow. */
    @Test
    void whateverStrangersWriteItIsQuick() {
        long startNs = System.nanoTime();
        for (String piece : new String[] {"a", "a://", "://", "@", ".:;", "a://b/", "'", "/"}) {
            Shown.line(piece.repeat(2000));
            Shown.host(piece.repeat(2000));
        }
        long tookNs = System.nanoTime() - startNs;
        assertTrue(tookNs < Duration.ofSeconds(2).toNanos(), tookNs / 1_000_000 + " ms");
    }
}
