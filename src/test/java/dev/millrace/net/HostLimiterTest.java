package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HostLimiterTest {
    @Test
    void boundsEachHostAndForgetsIdleOnes() throws Exception {
        HostLimiter limiter = new HostLimiter(3);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(60);

        for (int i = 0; i < 60; i++) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (HostLimiter.Slot _ = limiter.acquire("slow.test")) {
                                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                    Thread.sleep(2);
                                    running.decrementAndGet();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                } finally {
                                    done.countDown();
                                }
                            });
        }

        assertTrue(done.await(10, TimeUnit.SECONDS));
        assertEquals(3, most.get());
        assertEquals(0, limiter.hosts());
    }

    @Test
    void oneHostDoesNotWaitForAnother() throws Exception {
        HostLimiter limiter = new HostLimiter(1);

        try (HostLimiter.Slot _ = limiter.acquire("a.test");
                HostLimiter.Slot _ = limiter.acquire("b.test")) {
            assertEquals(2, limiter.hosts());
        }
        assertEquals(0, limiter.hosts());
    }

    @Test
    void firstComeFirstServed() throws Exception {
        HostLimiter limiter = new HostLimiter(1);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Thread> waiters = new ArrayList<>();

        try (HostLimiter.Slot _ = limiter.acquire("a.test")) {
            for (int i = 0; i < 10; i++) {
                int number = i;
                Thread waiter =
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            try (HostLimiter.Slot _ = limiter.acquire("a.test")) {
                                                order.add(number);
                                            } catch (InterruptedException e) {
                                                throw new AssertionError(e);
                                            }
                                        });
                waiters.add(waiter);
                while (waiter.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }
        }
        for (Thread waiter : waiters) {
            waiter.join();
        }

        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order);
    }

    @Test
    void anInterruptEndsTheWaitAndLeavesNothing() throws Exception {
        HostLimiter limiter = new HostLimiter(1);
        FutureTask<HostLimiter.Slot> wait = new FutureTask<>(() -> limiter.acquire("a.test"));

        try (HostLimiter.Slot _ = limiter.acquire("a.test")) {
            Thread waiter = Thread.ofVirtual().start(wait);
            waiter.interrupt();
            ExecutionException e = assertThrows(ExecutionException.class, wait::get);
            assertEquals(InterruptedException.class, e.getCause().getClass());
            assertEquals(1, limiter.hosts());
        }
        assertEquals(0, limiter.hosts());
    }
}
