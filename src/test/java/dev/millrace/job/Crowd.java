package dev.millrace.job;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that do what they like at once, each with what it likes drawn from one seed, until one
 * finds something wrong, all have ended, or none makes a step any more.
 */
final class Crowd {
    /** As many looks without a step mean that somebody was not woken. */
    private static final int LOOKS = 50;

    private static final long LOOK_MS = 10;

    private final SplittableRandom random;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong steps = new AtomicLong();
    private final AtomicReference<String> finding = new AtomicReference<>("");

    /** What one thread does; an interrupt is to end it once the crowd is over. */
    @FunctionalInterface
    interface Member {
        void run(SplittableRandom random) throws InterruptedException;
    }

    Crowd(SplittableRandom random) {
        this.random = random;
    }

    Thread add(String name, Member member) {
        SplittableRandom own = random.split();
        Thread thread =
                Thread.ofPlatform()
                        .name(name)
                        .daemon()
                        .unstarted(
                                () -> {
                                    try {
                                        member.run(own);
                                    } catch (InterruptedException e) {
                                        check(isOver(), name + " was interrupted");
                                    } catch (RuntimeException e) {
                                        check(false, name + ": " + e);
                                    }
                                });
        threads.add(thread);
        return thread;
    }

    /** Somebody got on. */
    void step() {
        steps.incrementAndGet();
    }

    void check(boolean right, String otherwise) {
        if (!right) {
            finding.compareAndSet("", otherwise);
        }
    }

    boolean isOver() {
        return !finding.get().isEmpty();
    }

    /** Says what was found first; empty where all is well. */
    String run() throws InterruptedException {
        threads.forEach(Thread::start);
        long before = -1;
        int still = 0;
        while (!isOver() && threads.stream().anyMatch(Thread::isAlive)) {
            Thread.sleep(LOOK_MS);
            long now = steps.get();
            still = now == before ? still + 1 : 0;
            before = now;
            List<Thread> waiting = threads.stream().filter(Thread::isAlive).toList();
            check(still < LOOKS || waiting.isEmpty(), "nobody gets on: " + waiting);
        }
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
        return finding.get();
    }

    /** Works for a moment, without sleep. */
    static void work(long nanos) {
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < nanos) {
            Thread.onSpinWait();
        }
    }
}
