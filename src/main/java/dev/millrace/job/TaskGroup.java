package dev.millrace.job;

import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Virtual threads that each carry one message through a wait, and that end together. How many there
 * are is bounded by {@link Admission}. Thread-safe.
 */
public final class TaskGroup {
    private final Thread.Builder.OfVirtual threads;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

    /**
     * @param name of the threads, before their number
     */
    public TaskGroup(String name) {
        this.threads = Thread.ofVirtual().name(name + "-", 0);
    }

    public void start(Runnable task) {
        Thread thread =
                threads.unstarted(
                        () -> {
                            try {
                                task.run();
                            } finally {
                                running.remove(Thread.currentThread());
                            }
                        });
        running.add(thread);
        thread.start();
    }

    public int running() {
        return running.size();
    }

    /** Waits until none runs; says whether that is so. */
    public boolean await(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        for (Thread thread : running) {
            if (deadline.passed() || !thread.join(deadline.left())) {
                break;
            }
        }
        return running.isEmpty();
    }

    /** Asks all that run to end at once. */
    public void interrupt() {
        running.forEach(Thread::interrupt);
    }
}
