package dev.millrace.duty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The watchdog's looks are driven by hand; what it looks at are real threads. */
class WatchdogTest {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final List<Throwable> faults = new ArrayList<>();
    private final Duties duties =
            new Duties(
                    why -> {
                        throw new AssertionError(why);
                    });
    private final Watchdog watchdog = new Watchdog(duties, LIMIT, faults::add);
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private final List<DutyThread> threads = new ArrayList<>();
    private long nowNs = System.nanoTime();

    private DutyThread start(String name, Duration allowed, Duty duty) {
        DutyThread thread = duties.thread(name, duty, 0, allowed);
        threads.add(thread);
        thread.start();
        return thread;
    }

    private Turn hang() throws InterruptedException {
        hangs.countDown();
        mayGoOn.await();
        return Turn.WORKED;
    }

    private void look(Duration span) {
        watchdog.look(nowNs);
        for (long left = span.toNanos(); left > 0; left -= TICK_NS) {
            nowNs += TICK_NS;
            watchdog.look(nowNs);
        }
    }

    @AfterEach
    void end() {
        mayGoOn.countDown();
        threads.forEach(DutyThread::close);
    }

    @Test
    void aThreadThatHangsIsNamedWithThePlace() throws InterruptedException {
        start("preprocess-safety-0", Duration.ZERO, _ -> hang());
        hangs.await();
        look(LIMIT.minusSeconds(1));
        assertEquals(List.of(), faults);
        look(Duration.ofSeconds(2));
        String said = faults.getFirst().getMessage();
        assertTrue(said.contains("preprocess-safety-0"), said);
        List<String> places =
                List.of(faults.getFirst().getStackTrace()).stream()
                        .map(StackTraceElement::getMethodName)
                        .toList();
        assertTrue(places.contains("hang"), places::toString);
    }

    @Test
    void oneThatWaitsForTheDeviceAndTurnsMeanwhileHangsToo() throws InterruptedException {
        CountDownLatch turned = new CountDownLatch(3);
        start(
                "infer-safety",
                Duration.ZERO,
                _ -> {
                    turned.countDown();
                    Thread.sleep(1);
                    return Turn.UNFINISHED;
                });
        turned.await();
        look(LIMIT.plusSeconds(1));
        String said = faults.getFirst().getMessage();
        assertTrue(said.contains("infer-safety"), said);
    }

    @Test
    void oneThatHasNothingToDoIsWell() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        start(
                "deliver-safety",
                Duration.ZERO,
                _ -> {
                    turns.incrementAndGet();
                    Thread.sleep(1);
                    return Turn.IDLE;
                });
        for (int i = 0; i < 20; i++) {
            int before = turns.get();
            while (turns.get() < before + 2) {
                Thread.sleep(1);
            }
            look(Duration.ofSeconds(1));
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void aCallMayTakeWhatItIsAllowed() {
        start("receive-0", Duration.ofSeconds(20), _ -> hang());
        look(Duration.ofSeconds(23));
        assertEquals(List.of(), faults);
        look(Duration.ofSeconds(2));
        assertTrue(!faults.isEmpty());
    }

    @Test
    void aLimitOfItsOwnCountsInsteadAndSaysWhatIsLate() {
        for (Duration own : List.of(Duration.ofSeconds(2), LIMIT.plusSeconds(3))) {
            OwnLimit limit = new OwnLimit(own, "no batch for " + own);
            threads.add(duties.thread("infer-" + own, _ -> hang(), limit));
            threads.getLast().start();
        }
        look(Duration.ofSeconds(1));
        assertEquals(List.of(), faults);
        look(Duration.ofSeconds(2));
        assertEquals("no batch for PT2S", faults.getFirst().getMessage());
        look(LIMIT.plusSeconds(2));
        assertTrue(
                faults.stream().anyMatch(why -> why.getMessage().equals("no batch for PT7S")),
                faults::toString);
    }

    /** SIGSTOP, a debugger, a machine that was suspended: everything stood, not one thread. */
    @Test
    void aProcessThatWasStoppedAsAWholeDoesNotStandStill() {
        start("preprocess-safety-0", Duration.ZERO, _ -> hang());
        look(Duration.ofSeconds(1));
        nowNs += TimeUnit.MINUTES.toNanos(10);
        look(Duration.ofSeconds(1));
        assertEquals(List.of(), faults);
    }

    @Test
    void itFindsItsOwnWay() throws InterruptedException {
        start("preprocess-safety-0", Duration.ZERO, _ -> hang());
        CountDownLatch told = new CountDownLatch(1);
        try (Watchdog quick = new Watchdog(duties, Duration.ofMillis(200), _ -> told.countDown())) {
            quick.start();
            assertTrue(told.await(10, TimeUnit.SECONDS));
        }
    }
}
