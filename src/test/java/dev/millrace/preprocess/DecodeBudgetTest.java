package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ResizeRule;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.TestImages;
import dev.millrace.job.Failure;
import dev.millrace.testing.Loopback;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DecodeBudgetTest {
    private static final long SIDE = 640;

    /**
     * Threads that want more than there is, for a while: never too much, and all come to an end.
     */
    @Test
    void manyThreadsShareItWithoutDeadlock() throws Exception {
        long capacity = 100;
        DecodeBudget budget = new DecodeBudget(capacity);
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RandomGenerator random = RandomGeneratorFactory.getDefault().create(i);
            threads.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int turn = 0; turn < 5_000; turn++) {
                                            long bytes = 1 + random.nextLong(capacity);
                                            budget.take(bytes);
                                            most.accumulateAndGet(held.addAndGet(bytes), Math::max);
                                            Thread.yield();
                                            held.addAndGet(-bytes);
                                            budget.giveBack(bytes);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(most.get() <= capacity && most.get() > 1, most + " of " + capacity);
        assertTrue(budget.waits() > 0);
        assertEquals(0, budget.reserved());
    }

    @Test
    void thoseWhoWaitAreServedInOrder() throws Exception {
        DecodeBudget budget = new DecodeBudget(100);
        budget.take(60);
        List<String> order = new CopyOnWriteArrayList<>();
        Thread large = taker(budget, 100, "large", order);
        Loopback.awaitUntil(() -> budget.waits() == 1, 10, () -> "the large one does not wait");
        // There is room for it, but not its turn.
        Thread small = taker(budget, 10, "small", order);
        Loopback.awaitUntil(() -> budget.waits() == 2, 10, () -> "the small one does not wait");
        // It must not end the wait, nor be lost.
        large.interrupt();
        Thread.sleep(20);
        assertEquals(List.of(), order);
        budget.giveBack(60);
        large.join();
        small.join();
        assertEquals(List.of("large, interrupted", "small"), order);
        assertEquals(0, budget.reserved());
    }

    private static Thread taker(DecodeBudget budget, long bytes, String name, List<String> order) {
        return Thread.ofPlatform()
                .start(
                        () -> {
                            budget.take(bytes);
                            order.add(name + (Thread.interrupted() ? ", interrupted" : ""));
                            budget.giveBack(bytes);
                        });
    }

    @Test
    void anImageThatNeverFitsIsRefusedInOneLine() throws Exception {
        byte[] body = TestImages.photo("photo-1600x900-otters.jpg");
        DecodeBudget budget = new DecodeBudget(1 << 20);
        try (Arena arena = Arena.ofConfined();
                DecodedImage image = new DecodedImage(ColorOrder.RGB, Fidelity.FAST, budget)) {
            ImageHeader header = new ImageGate(ImageLimits.DEFAULT).inspect(body);
            image.show(body, header);
            // What fits is what is decoded: at an eighth it does.
            InputTensor input = new InputTensor(0, 32, 32, arena.allocate(3 * 32 * 32));
            image.fit(new ResizeRule.Stretch(), input);
            assertTrue(budget.reserved() > 0);
            Failure failure =
                    assertThrows(UndecodableException.class, image::pixels).failure().failure();
            assertEquals(Failure.Kind.IMAGE_TOO_LARGE, failure.kind());
            assertEquals(
                    "the JPEG takes 4567204 bytes of memory to decode, but this worker has"
                            + " 1048576; send a smaller one, or raise preprocess.decodeBytes",
                    failure.message());
            image.forget();
            assertEquals(0, budget.reserved());
        }
    }

    @Test
    void theLargestAllowedImageFitsTheDefault() throws Exception {
        for (byte[] body : EncodedImages.all((int) SIDE, (int) SIDE, 1).values()) {
            ImageHeader small = new ImageGate(ImageLimits.DEFAULT).inspect(body);
            long pixels = ImageLimits.DEFAULT.maxPixels();
            ImageHeader large =
                    new ImageHeader(
                            small.format(),
                            (int) (pixels / 1000),
                            1000,
                            6,
                            small.hasAlpha(),
                            small.sixteenBit(),
                            small.gray(),
                            0,
                            small.decoderBytes() * pixels / (SIDE * SIDE));
            long bytes = ImageDecoder.bytes(20 << 20, large, 1);
            assertTrue(bytes <= 1L << 30, small + " takes " + bytes);
        }
    }
}
