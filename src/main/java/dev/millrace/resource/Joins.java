package dev.millrace.resource;

import java.time.Duration;
import java.util.List;

/** Waits for threads that were told to end, for a bounded time. */
public final class Joins {
    private Joins() {}

    /**
     * Waits until all have ended; one that was never started counts as ended. An interrupt does not
     * shorten the wait, or what the threads use would be freed under them; it is kept for the
     * caller.
     *
     * @throws StillInUseException that names the threads which run on, after the timeout
     */
    public static void within(Duration timeout, List<Thread> threads) {
        Deadline deadline = Deadline.in(timeout);
        boolean interrupted = false;
        for (Thread thread : threads) {
            boolean waiting = thread.getState() != Thread.State.NEW;
            while (waiting) {
                try {
                    // For no time this only asks whether it has ended.
                    thread.join(deadline.left());
                    waiting = false;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        List<String> running =
                threads.stream().filter(Thread::isAlive).map(Thread::getName).toList();
        if (!running.isEmpty()) {
            throw new StillInUseException(
                    "%s did not end within %s ms"
                            .formatted(String.join(", ", running), timeout.toMillis()));
        }
    }
}
