package dev.millrace.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Everything is closed in reverse, but for what may still be used. */
class ResourcesTest {
    private final List<String> closed = new ArrayList<>();
    private final Resources resources = new Resources();

    private void open(String name) {
        resources.own(() -> closed.add(name));
    }

    @Test
    void closesInReverseAndOnce() {
        open("engine");
        open("rows");
        open("lane");

        resources.close();
        resources.close();

        assertEquals(List.of("lane", "rows", "engine"), closed);
    }

    @Test
    void oneThatFailsDoesNotKeepTheOthersOpen() {
        open("engine");
        resources.own(
                () -> {
                    throw new AssertionError("as if");
                });
        open("lane");

        resources.close();

        assertEquals(List.of("lane", "engine"), closed);
    }

    @Test
    void whatAThreadStillUsesStaysOpen() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Thread stubborn = Thread.ofPlatform().name("stubborn").start(() -> await(end));
        open("rows");
        resources.own(() -> Joins.within(Duration.ofMillis(50), List.of(stubborn)));
        open("lane");

        StillInUseException line = assertThrows(StillInUseException.class, resources::close);

        assertEquals("stubborn did not end within 50 ms", line.getMessage());
        assertEquals(List.of("lane"), closed);
        end.countDown();
        stubborn.join();
    }

    @Test
    void anInterruptDoesNotFreeWhatAThreadUses() throws InterruptedException {
        Thread slow = Thread.ofPlatform().start(() -> sleep(200));
        resources.own(() -> Joins.within(Duration.ofSeconds(10), List.of(slow)));

        Thread.currentThread().interrupt();
        resources.close();

        assertTrue(Thread.interrupted(), "the interrupt is kept");
        assertTrue(slow.join(Duration.ZERO), "the thread has ended");
    }

    @Test
    void aFailureIsNotHiddenByWhatItLeaves() {
        resources.own(
                () -> {
                    throw new StillInUseException("stream lane-0");
                });
        IllegalStateException why = new IllegalStateException("out of memory");

        resources.closeAfter(why);

        assertEquals("stream lane-0", why.getSuppressed()[0].getMessage());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
