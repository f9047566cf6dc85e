package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MayComeAgainTest {
    @Test
    void aMessageComesUntilItsLastReceiveAndAnImageOfACallerOnce() {
        assertTrue(new Delivery("m", "receipt", 4, 0, 0).mayComeAgain(5));
        assertFalse(new Delivery("m", "receipt", 5, 0, 0).mayComeAgain(5));
        assertFalse(Delivery.ofCaller("i", 0, Trace.NONE).mayComeAgain(5));
    }

    /** A queue that is not AWS's may forget the handle. */
    @Test
    void aMessageWithoutAHandleComesToo() {
        assertTrue(new Delivery("m", null, 1, 0, 0).mayComeAgain(5));
        assertTrue(new Delivery("m", "", 1, 0, 0).mayComeAgain(5));
    }
}
