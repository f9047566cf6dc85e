package dev.millrace.cli;

import dev.millrace.worker.Worker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The end of a worker's process, at whatever moment it is asked for. Before the worker polls there
 * is nothing to give back, and the process ends at once. Then the first signal begins the drain,
 * and a second one, or a drain that takes too long, gives everything back and halts. Signals come
 * on threads of their own.
 */
final class Ending {
    /** Leaves a margin before the 25 s that are promised, and the 30 s of most platforms. */
    private static final Duration LATEST = Duration.ofSeconds(21);

    private static final Duration GIVE_BACK = Duration.ofMillis(1500);

    private static final Duration GIVE_BACK_AFTER_FAULT = Duration.ofSeconds(5);

    /** For a start that heeds an interrupt and closes what it has opened. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(3);

    private final Thread starting = Thread.currentThread();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private Worker worker;
    private boolean early;

    /** Completes when the worker is to drain, with the exit code of the process. */
    CompletableFuture<Integer> exitCode() {
        return exitCode;
    }

    /** The worker is about to poll; says whether it may. */
    synchronized boolean mayPoll(Worker loaded) {
        if (!early) {
            worker = loaded;
        }
        return !early;
    }

    /** Whether the process was told to end before the worker could poll. */
    synchronized boolean isEarly() {
        return early;
    }

    private synchronized boolean comesEarly() {
        early |= worker == null;
        return early;
    }

    /**
     * @param count how often a signal has come, this time included
     */
    void signal(int count) {
        if (comesEarly()) {
            stopStarting(count);
        } else if (count == 1) {
            exitCode.complete(0);
        } else {
            giveBack(GIVE_BACK, 0);
        }
    }

    /** The worker cannot go on, and what is in flight may never end. Returns at once. */
    void fail() {
        // Not on the thread that failed, which may be one of those that give back.
        Thread.ofPlatform()
                .name("fault")
                .start(() -> giveBack(GIVE_BACK_AFTER_FAULT, Millrace.FAILED));
    }

    private void stopStarting(int count) {
        if (count == 1) {
            System.err.println("millrace worker: stopped before it was ready");
            starting.interrupt();
            sleep(LAST_STEPS);
        }
        Runtime.getRuntime().halt(0);
    }

    /** From now on the process ends in time, whatever the drain waits for. */
    void limit(int exitCode) {
        Thread.ofPlatform()
                .name("last-call")
                .daemon()
                .start(
                        () -> {
                            sleep(LATEST);
                            System.err.println(
                                    "millrace worker: the drain takes too long, so the"
                                            + " worker gives the remaining messages back");
                            giveBack(GIVE_BACK, exitCode);
                        });
    }

    /** Does not wait for the drain that runs. */
    private void giveBack(Duration timeout, int wanted) {
        int code = Millrace.FAILED;
        try {
            code = worker.giveBack(timeout) ? wanted : Millrace.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            System.out.flush();
            Runtime.getRuntime().halt(code);
        }
    }

    static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
