package dev.millrace.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.lmax.disruptor.Sequence;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.DelayingDevice;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.testing.Messages;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/**
 * No row is written again before the device has read it: the property on which everything else
 * stands.
 */
class RingSafetyTest {
    private static final int ROWS = 100_000;
    private static final int RING = 64;
    private static final int MAX_BATCH = 16;
    private static final TensorSpec INPUT =
            new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3));
    private static final TensorSpec OUTPUT =
            new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(2));

    /** What a run came to. */
    private record Seen(int overwritten, DelayingDevice device, BatchStats batches) {}

    @Test
    void everyRowIsReadBeforeItIsReused() throws Exception {
        Seen seen = run(false);

        assertEquals(0, seen.overwritten());
        assertEquals(0, seen.device().tornBatches.get(), "batches that were not contiguous");
        assertEquals(ROWS, seen.batches().rows());
        assertEquals(
                2,
                seen.device().batchesByLane.size(),
                "lanes used: " + seen.device().batchesByLane);
        assertTrue(
                seen.device().batchesByLane.values().stream().allMatch(count -> count.get() > 100),
                () -> "both lanes carry: " + seen.device().batchesByLane);
    }

    @Test
    void negativeControlASequencePublishedAtSubmissionOverwritesRows() throws Exception {
        Seen seen = run(true);

        assertTrue(seen.overwritten() > 0, "the test must see rows that are reused too early");
    }

    private static Seen run(boolean publishAtSubmission) throws Exception {
        long seed = new Random().nextLong();
        System.out.println(
                "RingSafetyTest seed " + seed + (publishAtSubmission ? " (negative control)" : ""));
        AtomicReference<Throwable> fault = new AtomicReference<>();
        DelayingDevice device = new DelayingDevice(seed, 60_000, publishAtSubmission);
        Engine engine =
                device.load(
                        new EngineSource(
                                "numbers",
                                Path.of("none"),
                                List.of(INPUT),
                                List.of(OUTPUT),
                                MAX_BATCH));
        JobRing ring = new JobRing("numbers", RING, device, INPUT, List.of(OUTPUT));
        BatchStats batches = new BatchStats();
        Sequence written = new Sequence();
        Sequence delivered = new Sequence();
        InferenceProcessor infer =
                new InferenceProcessor(
                        ring,
                        List.of(written),
                        device,
                        engine,
                        2,
                        Duration.ofMillis(1).toNanos(),
                        0,
                        batches);
        ring.gate(delivered);
        int[] overwritten = {0};

        Thread publisher =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    Message message = Messages.of("numbers");
                                    try {
                                        for (int i = 0; i < ROWS; i++) {
                                            ring.publish(message, 0, new byte[0]);
                                        }
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        Thread writer =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        follow(
                                                ring,
                                                ring::isPublished,
                                                written,
                                                sequence -> {
                                                    MemorySegment pixels =
                                                            ring.get(sequence).input().pixels();
                                                    pixels.set(ValueLayout.JAVA_LONG, 0, sequence);
                                                }));
        DutyThread inferThread = new Duties(fault::set).thread("infer", infer);
        inferThread.start();
        Thread deliverer =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        follow(
                                                ring,
                                                sequence -> infer.sequence().get() >= sequence,
                                                delivered,
                                                sequence -> {
                                                    MemorySegment scores =
                                                            ring.get(sequence)
                                                                    .outputs()
                                                                    .named("scores")
                                                                    .data();
                                                    if (scores.get(
                                                                    ValueLayout.JAVA_LONG_UNALIGNED,
                                                                    0)
                                                            != sequence) {
                                                        overwritten[0]++;
                                                    }
                                                    ring.release(ring.get(sequence).message());
                                                }));

        for (Thread thread : List.of(publisher, writer, deliverer)) {
            assertTrue(thread.join(Duration.ofSeconds(60)), "the ring stands still");
        }
        inferThread.close();
        infer.close();
        ring.close();
        assertNull(fault.get());
        return new Seen(overwritten[0], device, batches);
    }

    /** One stage: waits for each sequence, works on it, moves its own sequence on. */
    private static void follow(JobRing ring, LongPredicate ready, Sequence own, LongConsumer work) {
        try {
            for (long next = 0; next < ROWS; next++) {
                long sequence = next;
                while (!ring.await(() -> ready.test(sequence), 100_000_000)) {
                    // Nothing yet.
                }
                work.accept(sequence);
                own.set(sequence);
                ring.moved();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
