package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Delivery;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One copy of a message is worked on at a time. */
class CopiesTest {
    private final Copies copies = new Copies();

    @Test
    void copiesTakeTurns() {
        Message first = message("a");
        Message second = message("a");
        Message third = message("a");
        assertTrue(copies.isFirst(first));
        assertFalse(copies.isFirst(second));
        assertFalse(copies.isFirst(third));
        assertTrue(copies.isFirst(message("b")));
        assertEquals(Optional.of(second), copies.settled(first));
        assertEquals(Optional.of(third), copies.settled(second));
        assertEquals(Optional.empty(), copies.settled(third));
        assertTrue(copies.isFirst(message("a")), "it is forgotten");
    }

    @Test
    void aCopyThatWasGivenBackHasNoTurn() {
        Message first = message("a");
        Message second = message("a");
        copies.isFirst(first);
        copies.isFirst(second);
        assertEquals(Optional.empty(), copies.settled(second));
        assertEquals(Optional.empty(), copies.settled(first));
    }

    private static Message message(String id) {
        return new Message(
                new Delivery(id, "receipt", 1, 0, 0),
                new Request(id, "http://a.test/", List.of("x"), "http://b.test/", Optional.empty()),
                (_, _) -> {});
    }
}
