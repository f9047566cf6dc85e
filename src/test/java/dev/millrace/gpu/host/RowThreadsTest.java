package dev.millrace.gpu.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowThreadsTest {
    private static final int COUNT = 3;

    private final RowThreads threads = new RowThreads("test", COUNT);

    @AfterEach
    void close() {
        threads.close();
        assertTrue(
                Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("row-test-")));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rowsAreComputedSideBySide() {
        CountDownLatch begun = new CountDownLatch(COUNT);
        threads.run(
                COUNT,
                _ -> {
                    begun.countDown();
                    await(begun);
                });
    }

    @Test
    void eachRowIsComputedOnce() {
        for (int rows = 1; rows <= 2 * COUNT; rows++) {
            ConcurrentLinkedQueue<Integer> computed = new ConcurrentLinkedQueue<>();
            threads.run(rows, computed::add);
            assertEquals(
                    IntStream.range(0, rows).boxed().toList(), computed.stream().sorted().toList());
        }
    }

    @Test
    void theOlderBatchGoesFirst() throws Exception {
        CountDownLatch olderBegun = new CountDownLatch(COUNT);
        CountDownLatch go = new CountDownLatch(1);
        ConcurrentLinkedQueue<String> computed = new ConcurrentLinkedQueue<>();
        Thread older =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        threads.run(
                                                4 * COUNT,
                                                _ -> {
                                                    olderBegun.countDown();
                                                    await(go);
                                                    computed.add("older");
                                                }));
        await(olderBegun);
        Thread younger =
                Thread.ofPlatform().start(() -> threads.run(COUNT, _ -> computed.add("younger")));
        while (younger.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        go.countDown();
        older.join();
        younger.join();
        // The last rows of the older may end beside the first of the younger.
        List<String> first = computed.stream().limit(3 * COUNT).toList();
        assertFalse(first.contains("younger"), first::toString);
    }

    /** Whoever takes a failure for the end of the batch may use its memory again. */
    @Test
    void aFailureIsThrownWhenNoRowIsBeingComputedAnyMore() {
        IllegalStateException failure = new IllegalStateException("for the test");
        CountDownLatch begun = new CountDownLatch(2);
        AtomicBoolean ended = new AtomicBoolean();
        IllegalStateException thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                threads.run(
                                        2,
                                        row -> {
                                            begun.countDown();
                                            await(begun);
                                            if (row == 0) {
                                                throw failure;
                                            }
                                            sleep();
                                            ended.set(true);
                                        }));
        assertSame(failure, thrown);
        assertTrue(ended.get(), "row 1 was being computed when row 0 failed");
        rowsAreComputedSideBySide();
    }

    @Test
    void anInterruptIsKeptUntilTheBatchHasEnded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean inTime = new AtomicBoolean();
        Thread stream =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    threads.run(
                                            1,
                                            _ -> {
                                                begun.countDown();
                                                sleep();
                                                ended.set(true);
                                            });
                                    inTime.set(
                                            ended.get() && Thread.currentThread().isInterrupted());
                                });
        await(begun);
        stream.interrupt();
        stream.join();
        assertTrue(inTime.get());
    }

    private static void sleep() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
