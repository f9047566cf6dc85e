package dev.millrace.duty;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DutyThreadTest {
    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();
    private final Duties duties = new Duties(fault::complete);

    /** Ways in which a thread ends that nobody closed. */
    private enum Death {
        EXCEPTION {
            @Override
            Throwable cause() {
                return new IllegalStateException("a bug");
            }
        },
        ERROR {
            @Override
            Throwable cause() {
                return new NoClassDefFoundError("a class of a module");
            }
        },
        OUT_OF_MEMORY {
            @Override
            Throwable cause() {
                return new OutOfMemoryError("for the test");
            }
        };

        abstract Throwable cause();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable cause) throws T {
        throw (T) cause;
    }

    @ParameterizedTest
    @EnumSource(Death.class)
    void whateverEndsItIsAFault(Death death) throws Exception {
        Throwable cause = death.cause();
        DutyThread thread =
                duties.thread(
                        "dies",
                        nowNs -> {
                            sneak(cause);
                            return Turn.IDLE;
                        });
        thread.start();
        Throwable told = fault.get(20, TimeUnit.SECONDS);
        assertSame(cause, told.getCause());
        assertTrue(told.getMessage().contains("dies"), told.getMessage());
        assertTrue(thread.awaitEnd(Duration.ofSeconds(5)));
        assertTrue(duties.running().isEmpty());
    }

    @Test
    void anInterruptThatNobodySentIsAFault() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        DutyThread thread =
                duties.thread(
                        "interrupted",
                        nowNs -> {
                            waits.countDown();
                            Thread.sleep(60_000);
                            return Turn.IDLE;
                        });
        thread.start();
        waits.await();
        interrupt("interrupted");
        assertTrue(fault.get(20, TimeUnit.SECONDS).getCause() instanceof InterruptedException);
    }

    @Test
    void anInterruptDuringARestIsAFaultToo() throws Exception {
        CountDownLatch turned = new CountDownLatch(1);
        DutyThread thread =
                duties.thread(
                        "rests",
                        nowNs -> {
                            turned.countDown();
                            return Turn.IDLE;
                        },
                        TimeUnit.HOURS.toNanos(1),
                        Duration.ZERO);
        thread.start();
        turned.await();
        interrupt("rests");
        assertTrue(fault.get(20, TimeUnit.SECONDS).getCause() instanceof InterruptedException);
    }

    @Test
    void aClosedOneEndsAfterItsTurnAndIsNoFault() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        DutyThread thread =
                duties.thread(
                        "closed",
                        nowNs -> {
                            turns.incrementAndGet();
                            return Turn.IDLE;
                        },
                        TimeUnit.HOURS.toNanos(1),
                        Duration.ZERO);
        thread.start();
        thread.close();
        assertFalse(thread.isAlive(), "a rest is cut short");
        assertTrue(turns.get() <= 1, turns + " turns");
        assertNull(fault.getNow(null));
    }

    @Test
    void oneThatWasNeverStartedClosesAtOnce() {
        duties.thread("unstarted", nowNs -> Turn.IDLE).close();
    }

    @Test
    void oneThatIsDoneEndsAndIsNoFault() throws Exception {
        DutyThread thread = duties.thread("done", nowNs -> Turn.DONE);
        thread.start();
        assertTrue(thread.awaitEnd(Duration.ofSeconds(5)));
        assertNull(fault.getNow(null));
    }

    /** As somebody else would, who has the thread and not its duty. */
    private static void interrupt(String name) {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .forEach(Thread::interrupt);
    }

    /** As where the system has no thread left. */
    @Test
    void oneThatCannotStartIsNotWatched() {
        DutyThread thread = duties.thread("once", nowNs -> Turn.DONE);
        thread.start();
        thread.close();
        assertThrows(IllegalThreadStateException.class, thread::start);
        assertTrue(duties.running().isEmpty(), "or the watchdog would end the worker for it");
    }
}
