package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * An idle worker is stopped again and again, with a message sent at a random moment around each
 * stop: whatever a poll had in hand is answered, and what comes too late is not hidden.
 */
@Isolated("it measures how long a stop takes")
class IdleStopFT extends WithWorkerScene {
    private static final int STOPS = 200;
    private static final long SEED = 20261127;

    /** Around the stop, which takes as long as a poll. */
    private static final int BEFORE_MS = 300;

    private static final int AFTER_MS = 1300;

    /** What an operator is promised. */
    private static final double PROMISED_SECONDS = 2;

    @Test
    void nothingIsLostHiddenOrReceivedInVain() throws Exception {
        SplittableRandom chance = new SplittableRandom(SEED);
        Map<String, String> settings = WorkerScene.settings();
        // As by default, where the other tests have a poll that does not wait.
        settings.remove("MILLRACE_QUEUE_WAIT");
        long received = 0;
        double longest = 0;
        for (int i = 0; i < STOPS; i++) {
            int offsetMs = chance.nextInt(-BEFORE_MS, AFTER_MS);
            try (Worker worker = Worker.start(scene.config(settings))) {
                Thread.sleep(50);
                Thread sender =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            sleep(BEFORE_MS + offsetMs);
                                            scene.send();
                                        });
                Thread.sleep(BEFORE_MS);
                long startNs = System.nanoTime();
                worker.drain(Duration.ofSeconds(25));
                longest = Math.max(longest, (System.nanoTime() - startNs) / 1e9);
                assertEquals(0, queue.status().inFlight(), "hidden after stop " + i);
                received += worker.counters().get(Counter.RECEIVED);
                sender.join();
            }
        }
        try (Worker last = Worker.start(scene.config(settings))) {
            Loopback.awaitUntil(
                    () -> scene.internet.ids() == STOPS,
                    30,
                    () -> scene.internet.ids() + " of " + STOPS + " answered");
            last.drain(Duration.ofSeconds(25));
            received += last.counters().get(Counter.RECEIVED);
        }
        System.out.printf(
                "%d stops, the longest %.2f s; %d messages, %d received%n",
                STOPS, longest, scene.internet.ids(), received);
        assertEquals(STOPS, received, "received again");
        assertEquals(0, scene.internet.duplicates());
        assertEquals(0, queue.left());
        assertEquals(0, queue.deadLetters());
        assertTrue(longest < PROMISED_SECONDS, longest + " s");
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
