package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Planted;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

@WaitsMostly
class HostLimiterTest {
    private static final int JUDGED = 16;

    private final FixedRoom room = new FixedRoom(100);
    private final List<Thread> waiters = new ArrayList<>();
    private final List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger refused = new AtomicInteger();
    // What a waiter whose turn has come waits for before it ends.
    private CountDownLatch mayEnd = new CountDownLatch(0);

    private HostLimiter capped(int perHost) {
        return new HostLimiter(room, _ -> perHost);
    }

    private HostLimiter uncapped() {
        return capped(Integer.MAX_VALUE);
    }

    /** Takes turns until one would have to wait. */
    private static List<HostLimiter.Turn> all(HostLimiter limiter, String host) throws Exception {
        List<HostLimiter.Turn> turns = new ArrayList<>();
        while (true) {
            FutureTask<HostLimiter.Turn> next =
                    new FutureTask<>(() -> limiter.acquire(host, false));
            Thread caller = start(limiter, next);
            if (caller.isAlive()) {
                caller.interrupt();
                assertThrows(ExecutionException.class, next::get);
                return turns;
            }
            turns.add(next.get());
        }
    }

    /** A thread that waits for its turn by now, or has ended. */
    private static Thread start(HostLimiter limiter, Runnable call) throws InterruptedException {
        int before = limiter.waiting();
        Thread caller = Thread.ofPlatform().daemon().start(call);
        while (caller.isAlive() && limiter.waiting() == before) {
            Thread.sleep(0, 100_000);
        }
        return caller;
    }

    private void waiter(HostLimiter limiter, String host, int number) throws InterruptedException {
        Thread waiter =
                start(
                        limiter,
                        () -> {
                            try (HostLimiter.Turn _ = limiter.acquire(host, false)) {
                                order.add(number);
                                mayEnd.await();
                            } catch (TurnRefusedException e) {
                                refused.incrementAndGet();
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        });
        waiters.add(waiter);
    }

    private static void end(HostLimiter limiter, String host, int calls, boolean success)
            throws Exception {
        for (int i = 0; i < calls; i++) {
            try (HostLimiter.Turn turn = limiter.acquire(host, false)) {
                turn.ended(success);
            }
        }
    }

    private static void close(List<HostLimiter.Turn> turns) {
        turns.forEach(HostLimiter.Turn::close);
    }

    @Test
    void aCapHoldsAndIdleHostsAreForgotten() throws Exception {
        HostLimiter limiter = capped(3);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(60);

        for (int i = 0; i < 60; i++) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (HostLimiter.Turn _ = limiter.acquire("slow.test", false)) {
                                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                    Thread.sleep(2);
                                    running.decrementAndGet();
                                } catch (InterruptedException | TurnRefusedException e) {
                                    throw new AssertionError(e);
                                } finally {
                                    done.countDown();
                                }
                            });
        }

        assertTrue(done.await(10, TimeUnit.SECONDS));
        assertEquals(3, most.get());
        assertEquals(0, limiter.hosts());
        assertEquals(0, limiter.waiting());
    }

    @Test
    void whatAnOperatorOwnsIsExemptFromTheCap() {
        ToIntFunction<String> caps = HostLimiter.cap(5, new HostList(List.of("*.own.test")));
        assertEquals(5, caps.applyAsInt("images.test"));
        assertEquals(Integer.MAX_VALUE, caps.applyAsInt("a.own.test"));
    }

    @Test
    void oneHostHasMostTwoShareAndThereIsRoomForAThird() throws Exception {
        HostLimiter limiter = uncapped();
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        assertEquals(80, first.size(), "four fifths");
        List<HostLimiter.Turn> second = all(limiter, "b.test");
        assertTrue(second.size() >= 12, second.size() + " of what was left");
        // What ends at the one is the other's, until they are alike.
        close(first.subList(0, 36));
        second.addAll(all(limiter, "b.test"));
        assertTrue(Math.abs(44 - second.size()) <= 2, second.size() + " and not four ninths");
        List<HostLimiter.Turn> third = all(limiter, "c.test");
        assertTrue(third.size() >= 8, third.size() + " for a newcomer");
        close(first.subList(36, first.size()));
        close(second);
        close(third);
        assertEquals(0, limiter.hosts());
    }

    @Test
    void aFewAreAlwaysAllowed() throws Exception {
        HostLimiter limiter = uncapped();
        room.limit(4);
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        List<HostLimiter.Turn> second = all(limiter, "b.test");
        assertEquals(8, first.size());
        assertEquals(8, second.size());
    }

    @Test
    void moreRoomIsNoticedWithTheNextTurn() throws Exception {
        HostLimiter limiter = uncapped();
        room.limit(10);
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        for (int i = 0; i < 20; i++) {
            waiter(limiter, "a.test", i);
        }
        assertEquals(20, limiter.waiting());
        room.limit(100);
        first.removeFirst().close();
        join();
        assertEquals(20, order.size());
        assertEquals(0, limiter.waiting());
    }

    private void join() throws InterruptedException {
        for (Thread waiter : waiters) {
            assertTrue(waiter.join(Duration.ofSeconds(20)), "it waits on");
        }
    }

    @Test
    void firstComeFirstServed() throws Exception {
        HostLimiter limiter = capped(1);
        try (HostLimiter.Turn _ = limiter.acquire("a.test", false)) {
            for (int i = 0; i < 10; i++) {
                waiter(limiter, "a.test", i);
            }
        }
        join();
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order);
    }

    /** Whose turn depends on what others leave is woken when those end. */
    @Test
    void whatOneHostLeavesWakesWhoWaitsAtAnother() throws Exception {
        HostLimiter limiter = uncapped();
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        List<HostLimiter.Turn> second = all(limiter, "b.test");
        for (int i = 0; i < 20; i++) {
            waiter(limiter, "b.test", i);
        }
        close(first);
        join();
        assertEquals(20, order.size());
        close(second);
        assertEquals(0, limiter.hosts());
    }

    @Test
    void anInterruptEndsTheWaitAndLeavesNothing() throws Exception {
        HostLimiter limiter = capped(1);
        FutureTask<HostLimiter.Turn> wait =
                new FutureTask<>(() -> limiter.acquire("a.test", false));

        try (HostLimiter.Turn _ = limiter.acquire("a.test", false)) {
            Thread waiter = Thread.ofVirtual().start(wait);
            waiter.interrupt();
            ExecutionException e = assertThrows(ExecutionException.class, wait::get);
            assertEquals(InterruptedException.class, e.getCause().getClass());
            assertEquals(1, limiter.hosts());
            assertEquals(0, limiter.waiting());
        }
        assertEquals(0, limiter.hosts());
    }

    @Test
    void aHostWhoseCallsFailGetsFewerAndMoreWhenTheyEndWell() throws Exception {
        HostLimiter limiter = uncapped();
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        first.forEach(turn -> turn.ended(false));
        close(first);
        List<HostLimiter.Turn> few = all(limiter, "a.test");
        assertEquals(8, few.size());
        close(few);
        end(limiter, "a.test", JUDGED, true);
        List<HostLimiter.Turn> more = all(limiter, "a.test");
        assertEquals(16, more.size());
        close(more);
        end(limiter, "a.test", 4 * JUDGED, true);
        assertEquals(0, limiter.hosts(), "nothing is held against it any more");
    }

    @Test
    void aFailureNowAndThenTakesNothing() throws Exception {
        HostLimiter limiter = uncapped();
        for (int i = 0; i < 10; i++) {
            end(limiter, "a.test", 1, false);
            end(limiter, "a.test", JUDGED - 1, true);
        }
        assertEquals(80, all(limiter, "a.test").size());
    }

    @Test
    void whereMostCallsFailNoMoreWaitThanRun() throws Exception {
        HostLimiter limiter = uncapped();
        List<HostLimiter.Turn> all = all(limiter, "a.test");
        mayEnd = new CountDownLatch(1);
        for (int i = 0; i < 30; i++) {
            waiter(limiter, "a.test", i);
        }
        all.forEach(turn -> turn.ended(false));
        // Those who wait are refused amid their wait.
        List<HostLimiter.Turn> kept = all.subList(0, 8);
        close(all.subList(8, all.size()));
        assertEquals(8, limiter.waiting());
        TurnRefusedException e =
                assertThrows(TurnRefusedException.class, () -> limiter.acquire("a.test", false));
        assertTrue(e.isFailing());
        limiter.acquire("b.test", false).close();
        close(kept);
        mayEnd.countDown();
        join();
        // A few were let in before anybody could know.
        assertEquals(7, refused.get());
        assertEquals(23, order.size());
    }

    @Test
    void aSlowHostGivesWayOnlyWhereOthersAre() throws Exception {
        HostLimiter limiter = uncapped();
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        for (int i = 0; i < 20; i++) {
            waiter(limiter, "a.test", i);
        }
        FutureTask<HostLimiter.Turn> alone =
                new FutureTask<>(() -> limiter.acquire("a.test", true));
        start(limiter, alone);
        assertEquals(21, limiter.waiting(), "alone it waits");

        try (HostLimiter.Turn _ = limiter.acquire("b.test", true)) {
            TurnRefusedException e =
                    assertThrows(TurnRefusedException.class, () -> limiter.acquire("a.test", true));
            assertFalse(e.isFailing());
            waiter(limiter, "a.test", 20);
            assertEquals(22, limiter.waiting(), "what may not come again waits");
            limiter.acquire("b.test", true).close();
        }
        close(first);
        alone.get().close();
        join();
        assertEquals(0, limiter.hosts());
    }

    /** The room follows what is in calls, and is behind while those become more. */
    @Test
    void aHostThatFillsWaitsWhereThereIsRoomSoon() throws Exception {
        HostLimiter limiter = uncapped();
        List<HostLimiter.Turn> first = all(limiter, "a.test");
        try (HostLimiter.Turn _ = limiter.acquire("b.test", true)) {
            room.soon(150);
            FutureTask<HostLimiter.Turn> waits =
                    new FutureTask<>(() -> limiter.acquire("a.test", true));
            start(limiter, waits);
            assertEquals(1, limiter.waiting());
            room.soon(101);
            assertThrows(TurnRefusedException.class, () -> limiter.acquire("a.test", true));
            first.removeFirst().close();
            waits.get().close();
        }
        close(first);
        assertEquals(0, limiter.hosts());
    }

    @Test
    @Slow
    void aCrowdGetsOnAndADefectIsFound() throws Exception {
        long seed = Long.getLong("millrace.seed", 20_260_117);
        assertEquals("", new HostCrowd().apply(seed), "seed " + seed);
        isFound(
                seed,
                "nobody gets on",
                "host.left(null);\n                serve();",
                "host.left(null);");
        isFound(
                seed,
                "nobody's turn",
                "if (waiter != null && waiter.isGranted()) {",
                "if (waiter == null && running < 0) {");
        isFound(
                seed,
                "at a host that may have",
                "int own = Math.min(host.cap, host.health.limit());",
                "int own = host.health.limit();");
    }

    private static void isFound(long seed, String found, String now, String before)
            throws Exception {
        Path folder = Files.createTempDirectory("planted");
        Change defect = new Change("net/HostLimiter.java", now, before);
        String says = Planted.says(HostCrowd.class, seed, folder, defect);
        assertTrue(says.contains(found), defect + ": " + says + ", seed " + seed);
    }
}
