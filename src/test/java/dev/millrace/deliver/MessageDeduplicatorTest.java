package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Admission;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import dev.millrace.job.Shipment;
import dev.millrace.job.WaitingImages;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

/** A message of the queue has one result, however often it is delivered. */
class MessageDeduplicatorTest {
    private final MessageDeduplicator copies = new MessageDeduplicator(100);

    @Test
    void copiesTakeTurns() {
        Message first = message("a");
        Message second = message("a");
        Message third = message("a");
        assertTrue(copies.begin(first));
        assertFalse(copies.begin(second));
        assertFalse(copies.begin(third));
        assertTrue(copies.begin(message("b")));
        assertEquals(Optional.of(second), copies.settled(first));
        assertEquals(Optional.of(third), copies.settled(second));
        assertEquals(Optional.empty(), copies.settled(third));
        assertTrue(copies.begin(message("a")), "it is forgotten");
    }

    @Test
    void aCopyThatWasGivenBackHasNoTurn() {
        Message first = message("a");
        Message second = message("a");
        copies.begin(first);
        copies.begin(second);
        assertEquals(Optional.empty(), copies.settled(second));
        assertEquals(Optional.empty(), copies.settled(first));
    }

    @Test
    void theOldestResultsAreForgottenFirst() {
        copies.keep(message("a"), new byte[60]);
        copies.keep(message("b"), new byte[30]);
        copies.keep(message("b"), new byte[40]);
        assertTrue(copies.result(message("a")).isPresent());
        copies.keep(message("c"), new byte[1]);
        assertTrue(copies.result(message("a")).isEmpty());
        assertEquals(40, copies.result(message("b")).orElseThrow().length);
        copies.keep(message("d"), new byte[101]);
        assertTrue(copies.result(message("d")).isEmpty() && copies.result(message("c")).isEmpty());
    }

    @Test
    void anImageThatWasDeliveredIsRememberedWithoutItsResult() {
        copies.keep(message("m_0"), new byte[60]);
        copies.delivered(message("m_0"));
        assertTrue(copies.wasDelivered(message("m_0")));
        assertFalse(copies.wasDelivered(message("m_1")) || copies.wasDelivered(message("m")));
        assertTrue(copies.result(message("m_0")).isEmpty());
        copies.keep(message("m_1"), new byte[100]);
        assertTrue(copies.result(message("m_1")).isPresent(), "the bytes are given back");
    }

    @Test
    void eachImageOfManyMessagesIsRemembered() throws Exception {
        for (int i = 0; i < 80; i++) {
            imagesOf("m" + i).forEach(copies::delivered);
        }
        for (int i = 0; i < 80; i++) {
            for (Message image : imagesOf("m" + i)) {
                assertTrue(copies.wasDelivered(image), image.id());
            }
        }
        assertFalse(copies.wasDelivered(imagesOf("m80").getFirst()));
    }

    /** All images of a message, at a receipt of its own. */
    private static List<Message> imagesOf(String id) throws InterruptedException {
        Admission admission = new Admission(1, 1, 1, 60, 0);
        admission.acquire(1);
        return new Shipment(
                        message(id).delivery(),
                        IntStream.range(0, 500)
                                .mapToObj(i -> message(id + "_" + i).request())
                                .toList(),
                        (_, _) -> {},
                        new WaitingImages(admission, _ -> {}))
                .whole()
                .images();
    }

    @Test
    void oldMessagesAreForgotten() {
        copies.delivered(message("old"));
        copies.delivered(message("used"));
        for (int i = 2; i < 1 << 12; i++) {
            copies.delivered(message("m_" + i));
        }
        assertTrue(copies.wasDelivered(message("used")));
        copies.delivered(message("new"));
        assertFalse(copies.wasDelivered(message("old")));
        assertTrue(copies.wasDelivered(message("used")));
    }

    private static Message message(String id) {
        return new Message(
                new Delivery(id, "receipt", 1, 0, 0),
                new Request(
                        id,
                        "http://a.test/",
                        List.of("x"),
                        new Destination.Callback(HttpUrl.get("http://b.test/")),
                        Optional.empty()),
                (_, _) -> {});
    }
}
