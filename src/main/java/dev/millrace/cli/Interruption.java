package dev.millrace.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets work that a signal interrupts put back what it has taken. While it is open, a SIGINT or
 * SIGTERM tells the work to stop, and the process ends when the work has, or after a while.
 */
final class Interruption implements AutoCloseable {
    /** As a shell names the end by Ctrl-C. */
    static final int EXIT_CODE = 130;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean happened;

    /**
     * @param stop is called on a thread of its own
     */
    Interruption(Runnable stop) {
        this.hook =
                Thread.ofPlatform()
                        .name("interruption")
                        .unstarted(
                                () -> {
                                    happened = true;
                                    stop.run();
                                    await();
                                });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        try {
            ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean happened() {
        return happened;
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending by it.
        }
    }
}
