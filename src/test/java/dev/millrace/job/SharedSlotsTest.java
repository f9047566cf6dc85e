package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedSlotsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Jobs that are not prepared. */
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private static Thread taker(Slots slots, boolean caller, ConcurrentLinkedQueue<Boolean> order) {
        return Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                slots.take(caller);
                                order.add(caller);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    private static void awaitBlocked(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
        }
    }

    @Test
    void theQueueHoldsNoMoreSlotsThanItsOwn() throws Exception {
        SharedSlots slots = new SharedSlots(8, 3, UNBOUNDED, 8, 0.5);
        for (int i = 0; i < 3; i++) {
            slots.take(false);
        }
        ConcurrentLinkedQueue<Boolean> order = new ConcurrentLinkedQueue<>();
        Thread fourth = taker(slots, false, order);
        awaitBlocked(List.of(fourth));
        for (int i = 0; i < 5; i++) {
            slots.take(true);
        }
        assertEquals(8, slots.taken());
        slots.giveBack(true);
        assertFalse(fourth.join(Duration.ofMillis(50)), "a caller's slot is not the queue's");
        slots.giveBack(false);
        assertTrue(fourth.join(PATIENCE));
    }

    /** What is not prepared yet is what a caller's image waits for, whatever slots are free. */
    @Test
    void theQueueHoldsNoMoreUnpreparedJobsThanItsThreadsNeed() throws Exception {
        SharedSlots slots = new SharedSlots(8, 6, 2, 8, 0.5);
        slots.take(false);
        slots.take(false);
        Thread third = taker(slots, false, new ConcurrentLinkedQueue<>());
        awaitBlocked(List.of(third));
        slots.take(true);
        slots.prepared(true);
        assertFalse(third.join(Duration.ofMillis(50)), "a caller's job frees none of the queue's");
        slots.prepared(false);
        assertTrue(third.join(PATIENCE), "a job that is prepared keeps its slot and lets one in");
        assertEquals(4, slots.taken());
    }

    /** All slots are taken, and as many of both sides wait; the slots go round. */
    private static List<Boolean> orderOf(double share, int each) throws Exception {
        SharedSlots slots = new SharedSlots(2, 2, UNBOUNDED, 2, share);
        slots.take(true);
        slots.take(false);
        ConcurrentLinkedQueue<Boolean> order = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            threads.add(taker(slots, false, order));
            threads.add(taker(slots, true, order));
        }
        awaitBlocked(threads);
        List<Boolean> served = new ArrayList<>(List.of(true, false));
        for (int i = 0; i < 2 * each; i++) {
            int before = order.size();
            slots.giveBack(served.removeFirst());
            while (order.size() == before) {
                Thread.sleep(1);
            }
            served.add(List.copyOf(order).getLast());
        }
        for (Thread thread : threads) {
            assertTrue(thread.join(PATIENCE));
        }
        return List.copyOf(order);
    }

    @Test
    void callersGoFirstUpToTheirShare() throws Exception {
        List<Boolean> order = orderOf(0.75, 12);
        assertTrue(order.getFirst());
        long callers = order.stream().limit(12).filter(caller -> caller).count();
        assertTrue(callers >= 9 && callers <= 11, order + ": the queue has its part");
    }

    @Test
    void withAShareOfAllTheQueueWaits() throws Exception {
        List<Boolean> order = orderOf(1, 8);
        assertEquals(8, order.stream().limit(8).filter(caller -> caller).count(), order::toString);
    }

    @Test
    void whoIsInterruptedWhileItWaitsLosesNoSlot() throws Exception {
        SharedSlots slots = new SharedSlots(1, 1, UNBOUNDED, 1, 0.5);
        slots.take(false);
        ConcurrentLinkedQueue<Boolean> order = new ConcurrentLinkedQueue<>();
        Thread first = taker(slots, true, order);
        Thread second = taker(slots, false, order);
        awaitBlocked(List.of(first, second));
        first.interrupt();
        assertTrue(first.join(PATIENCE));
        slots.giveBack(false);
        assertTrue(second.join(PATIENCE));
        assertEquals(List.of(false), List.copyOf(order));
        slots.giveBack(false);
        assertEquals(0, slots.taken());
    }

    @Test
    void whatHappensOnceAllAreFreeIsSeenByWhoeverComesNext() throws Exception {
        SharedSlots slots = new SharedSlots(4, 4, UNBOUNDED, 4, 0.5);
        slots.take(true);
        slots.take(false);
        AtomicBoolean retired = new AtomicBoolean();
        Thread retiring =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        slots.onceAllAreFree(() -> retired.set(true));
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        awaitBlocked(List.of(retiring));
        slots.giveBack(true);
        assertFalse(retired.get());
        slots.giveBack(false);
        assertTrue(retiring.join(PATIENCE));
        assertTrue(retired.get());
        slots.take(false);
        assertEquals(1, slots.taken());
    }

    @Test
    void aSlotIsTakenAtOnceWhereNobodyWaitsForIt() throws Exception {
        SharedSlots slots = new SharedSlots(2, 2, UNBOUNDED, 2, 0.5);
        assertFalse(slots.takeNow(false), "the queue's jobs wait in turn");
        assertTrue(slots.takeNow(true));
        assertTrue(slots.takeNow(true));
        assertFalse(slots.takeNow(true), "none is free");
        assertEquals(2, slots.taken());

        ConcurrentLinkedQueue<Boolean> order = new ConcurrentLinkedQueue<>();
        Thread waiting = taker(slots, true, order);
        awaitBlocked(List.of(waiting));
        assertFalse(slots.takeNow(true), "somebody came before");
        slots.giveBack(true);
        assertTrue(waiting.join(PATIENCE));
        assertEquals(2, slots.taken());
    }

    @Test
    void manyOfBothSidesNeverHoldMoreThanThereAre() throws Exception {
        SharedSlots slots = new SharedSlots(6, 3, UNBOUNDED, 6, 0.5);
        AtomicInteger held = new AtomicInteger();
        AtomicInteger queued = new AtomicInteger();
        AtomicInteger worst = new AtomicInteger();
        AtomicInteger worstQueued = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            boolean caller = i % 2 == 0;
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        for (int turn = 0; turn < 500; turn++) {
                                            try {
                                                slots.take(caller);
                                            } catch (InterruptedException e) {
                                                return;
                                            }
                                            worst.accumulateAndGet(
                                                    held.incrementAndGet(), Math::max);
                                            if (!caller) {
                                                worstQueued.accumulateAndGet(
                                                        queued.incrementAndGet(), Math::max);
                                            }
                                            Thread.yield();
                                            if (!caller) {
                                                queued.decrementAndGet();
                                            }
                                            held.decrementAndGet();
                                            slots.giveBack(caller);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofSeconds(60)), "somebody waits for ever");
        }
        assertEquals(0, slots.taken());
        assertTrue(worst.get() <= 6 && worstQueued.get() <= 3, worst + ", " + worstQueued);
    }

    /** A burst of callers beside a backlog of the queue. */
    @Test
    void aBurstOfCallersTakesNoMoreThanABatchBeforeTheQueue() throws Exception {
        SharedSlots slots = new SharedSlots(32, 16, UNBOUNDED, 8, 0.5);
        for (int i = 0; i < 32; i++) {
            slots.take(true);
        }
        ConcurrentLinkedQueue<Boolean> order = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            threads.add(taker(slots, i % 4 != 0, order));
        }
        awaitBlocked(threads);
        for (int i = 0; i < 20; i++) {
            int before = order.size();
            slots.giveBack(true);
            while (order.size() == before) {
                Thread.sleep(1);
            }
        }
        int firstOfQueue = List.copyOf(order).indexOf(false);
        assertTrue(firstOfQueue >= 0 && firstOfQueue <= 8, order::toString);
        threads.forEach(Thread::interrupt);
    }
}
