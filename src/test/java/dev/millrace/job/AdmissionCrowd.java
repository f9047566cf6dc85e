package dev.millrace.job;

import dev.millrace.testing.Messages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/**
 * Those who wait for one thing each, and then receivers, downloads, pauses and interrupts at one
 * admission, in an order drawn from the seed. What was taken is counted here after it was taken,
 * and taken off before it is returned, so this count is never above what admission gave.
 */
public final class AdmissionCrowd implements LongFunction<String> {
    private static final int MAX = 12;
    private static final int BYTES = 1000;
    private static final int RECEIVERS = 3;
    private static final int DOWNLOADS = 5;
    private static final int MESSAGES = 2000;
    private static final int PAUSES = 3;

    /** A receiver looks again after 100 ms by itself. */
    private static final Duration SOON = Duration.ofMillis(60);

    private static final int ROUNDS = 6;

    private static final Set<Thread.State> WAITS =
            EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private final Admission admission = admission(MAX);
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger toReceive = new AtomicInteger(MESSAGES);
    private final AtomicInteger toFinish = new AtomicInteger(MESSAGES);
    private final BlockingQueue<Message> received = new LinkedBlockingQueue<>();
    // Odd while admission is paused.
    private final AtomicInteger pauses = new AtomicInteger();
    private Crowd crowd;

    /** Takes what there is, and is never bounded by a rate. */
    private static Admission admission(int most) {
        return new Admission(most, BYTES, most, 60, 0);
    }

    /** Says what went wrong; empty where all is well. */
    @Override
    public String apply(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try {
            String finding = "";
            for (Wake wake : Wake.values()) {
                finding = finding.isEmpty() ? wake.check(random) : finding;
            }
            // The interrupt comes too late where the machine is busy, and then it proves nothing.
            for (int round = 0; round < ROUNDS && finding.isEmpty(); round++) {
                finding = interruptedAsServed();
            }
            return finding.isEmpty() ? crowd(random) : finding;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Bytes that come to somebody who gives up just then go back: whoever asks whether to pause
     * holds the lock meanwhile.
     */
    private static String interruptedAsServed() throws InterruptedException {
        Admission admission = admission(1);
        admission.reserve(BYTES);
        AtomicLong own = new AtomicLong();
        Thread waiter =
                Wake.start(
                        () -> {
                            admission.reserve(1);
                            own.set(1);
                        });
        Thread giver = Thread.ofPlatform().daemon().unstarted(() -> admission.giveBack(BYTES));
        admission.pauseWhile(
                () -> {
                    if (giver.getState() == Thread.State.NEW) {
                        giver.start();
                        Wake.awaitWait(giver);
                        waiter.interrupt();
                        LockSupport.parkNanos(20_000_000);
                    }
                    return false;
                });
        admission.acquire(1);
        giver.join();
        waiter.join();
        return admission.bytesInFlight() == own.get()
                ? ""
                : "nobody's bytes: " + admission.bytesInFlight();
    }

    private String crowd(SplittableRandom random) throws InterruptedException {
        crowd = new Crowd(random);
        admission.pauseWhile(() -> (pauses.get() & 1) == 1);
        List<Thread> downloads = new ArrayList<>();
        for (int i = 0; i < RECEIVERS; i++) {
            crowd.add("receiver-" + i, this::receive);
        }
        for (int i = 0; i < DOWNLOADS; i++) {
            downloads.add(crowd.add("download-" + i, this::download));
        }
        crowd.add("pause", this::pause);
        crowd.add("cancel", chance -> cancel(downloads, chance));
        String finding = crowd.run();
        if (!finding.isEmpty()) {
            return finding;
        }
        return admission.taken() == 0
                        && admission.bytesInFlight() == 0
                        && admission.tryReserve(BYTES)
                ? ""
                : "left over: %d messages, %d bytes"
                        .formatted(admission.taken(), admission.bytesInFlight());
    }

    private void receive(SplittableRandom chance) throws InterruptedException {
        while (!crowd.isOver() && toReceive.get() > 0) {
            int pausesBefore = pauses.get();
            int wanted = 1 + chance.nextInt(10);
            int taken = admission.acquire(wanted);
            int now = inFlight.addAndGet(taken);
            crowd.check(now <= MAX && taken <= wanted, now + " in flight, most " + MAX);
            boolean paused = (pausesBefore & 1) == 1 && pauses.get() == pausesBefore;
            crowd.check(taken == 0 || !paused, "admitted while paused");
            int messages = 0;
            while (messages < taken && chance.nextInt(5) > 0 && toReceive.getAndDecrement() > 0) {
                Message message = Messages.of("a");
                if (chance.nextInt(4) == 0) {
                    message.usage().texts(chance.nextInt(BYTES / 8), admission);
                }
                received.add(message);
                messages++;
            }
            inFlight.addAndGet(messages - taken);
            admission.polled(taken, messages);
            if (taken > 0) {
                crowd.step();
            }
        }
    }

    private void download(SplittableRandom chance) throws InterruptedException {
        while (!crowd.isOver() && toFinish.get() > 0) {
            Message message = null;
            try {
                message = received.poll(1, TimeUnit.MILLISECONDS);
                if (message != null) {
                    download(message, 1 + chance.nextInt(BYTES >> chance.nextInt(3)), chance);
                }
            } catch (InterruptedException e) {
                // It was cancelled while it waited, and is finished without a download.
            }
            if (message != null) {
                inFlight.decrementAndGet();
                admission.release(message);
                toFinish.decrementAndGet();
                crowd.step();
            }
        }
    }

    private void download(Message message, long wanted, SplittableRandom chance)
            throws InterruptedException {
        if (!admission.tryReserve(wanted)) {
            admission.reserve(wanted);
        }
        long now = bytes.addAndGet(wanted);
        crowd.check(now <= BYTES, now + " bytes, most " + BYTES);
        Crowd.work(chance.nextInt(20_000));
        long kept = chance.nextLong(wanted + 1);
        bytes.addAndGet(-wanted);
        admission.giveBack(wanted - kept);
        message.usage().body(kept, admission);
        if (chance.nextBoolean()) {
            message.usage().read();
        }
    }

    private void pause(SplittableRandom chance) throws InterruptedException {
        for (int i = 0; i < PAUSES && toReceive.get() > 0; i++) {
            Thread.sleep(chance.nextInt(20));
            pauses.incrementAndGet();
            Thread.sleep(chance.nextInt(20));
            pauses.incrementAndGet();
        }
    }

    private void cancel(List<Thread> downloads, SplittableRandom chance)
            throws InterruptedException {
        while (!crowd.isOver() && toFinish.get() > 0) {
            Thread.sleep(0, chance.nextInt(1_000_000));
            downloads.get(chance.nextInt(downloads.size())).interrupt();
        }
    }

    @FunctionalInterface
    private interface Step {
        void on(Admission admission) throws InterruptedException;
    }

    @FunctionalInterface
    private interface Wait {
        void run() throws InterruptedException;
    }

    /** What uses up an admission of one message, who then waits, and what must wake it. */
    private enum Wake {
        UNUSED_PERMIT(one -> one.acquire(1), one -> one.acquire(1), one -> one.unused(1)),
        RELEASED_PERMIT(
                one -> one.acquire(1), one -> one.acquire(1), one -> one.release(Messages.of("a"))),
        POLLING(one -> one.reserve(BYTES), one -> one.acquire(1), one -> one.giveBack(1)),
        DOWNLOAD(one -> one.reserve(BYTES), one -> one.reserve(1), one -> one.giveBack(1)),
        SECOND_DOWNLOAD(Wake::oneWaits, one -> one.reserve(1), one -> one.giveBack(2)),
        AFTER_ONE_GAVE_UP(Wake::largeWaits, one -> one.reserve(1), Wake::interruptFirst);

        private static volatile Thread first;

        private final Step useUp;
        private final Step wait;
        private final Step giveBack;

        Wake(Step useUp, Step wait, Step giveBack) {
            this.useUp = useUp;
            this.wait = wait;
            this.giveBack = giveBack;
        }

        private static void oneWaits(Admission one) throws InterruptedException {
            one.reserve(BYTES);
            waitFirst(one, 1);
        }

        private static void largeWaits(Admission one) throws InterruptedException {
            one.reserve(BYTES / 2);
            waitFirst(one, BYTES);
        }

        /** Somebody waits before the one that is to be woken. */
        private static void waitFirst(Admission one, long bytes) {
            first = start(() -> one.reserve(bytes));
        }

        /** A thread that waits by now; an interrupt ends it. */
        static Thread start(Wait wait) {
            Thread waiter =
                    Thread.ofPlatform()
                            .daemon()
                            .start(
                                    () -> {
                                        try {
                                            wait.run();
                                        } catch (InterruptedException e) {
                                            // As it is to be.
                                        }
                                    });
            awaitWait(waiter);
            return waiter;
        }

        private static void interruptFirst(Admission one) {
            first.interrupt();
        }

        private static void awaitWait(Thread waiter) {
            while (waiter.isAlive() && !WAITS.contains(waiter.getState())) {
                Thread.onSpinWait();
            }
        }

        /** Most must be woken in time; one now and then may have met a busy machine. */
        String check(SplittableRandom chance) throws InterruptedException {
            int late = 0;
            for (int round = 0; round < ROUNDS; round++) {
                Admission admission = admission(1);
                useUp.on(admission);
                Crowd crowd = new Crowd(chance);
                Thread waiter = crowd.add("waiter", _ -> wait.on(admission));
                waiter.start();
                awaitWait(waiter);
                Thread.sleep(chance.nextInt(3));
                giveBack.on(admission);
                late += waiter.join(SOON) ? 0 : 1;
                waiter.interrupt();
                waiter.join();
            }
            return late > ROUNDS / 2 ? this + ": not woken" : "";
        }
    }
}
