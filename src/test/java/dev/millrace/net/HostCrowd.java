package dev.millrace.net;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/**
 * Callers of a few hosts whose calls end well or not, who are interrupted and find more or less
 * room, in an order drawn from the seed. All must come to an end, and then nothing is left.
 */
public final class HostCrowd implements LongFunction<String> {
    private static final int CALLERS = 60;
    private static final int CALLS = 150;
    private static final int HOSTS = 3;
    private static final int CAP = 3;
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration STANDSTILL = Duration.ofSeconds(3);

    private final FixedRoom room = new FixedRoom(20);
    private final HostLimiter limiter =
            new HostLimiter(room, host -> host.equals("0") ? CAP : Integer.MAX_VALUE);
    private final AtomicInteger capped = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final CountDownLatch atTheEnd = new CountDownLatch(CALLERS);
    private final AtomicReference<String> finding = new AtomicReference<>("");

    /** Says what went wrong; empty where all is well. */
    @Override
    public String apply(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            SplittableRandom own = random.split();
            callers.add(Thread.ofVirtual().start(() -> call(own)));
        }
        try {
            if (!interruptedAsGranted()) {
                return "nobody's turn";
            }
            for (int i = 0; i < CALLS; i++) {
                Thread.sleep(1);
                room.limit(5 + random.nextInt(40));
                callers.get(random.nextInt(CALLERS)).interrupt();
            }
            // From now on only the end of a turn wakes who waits.
            for (Thread caller : callers) {
                if (!endsAsLongAsOthersGetOn(caller)) {
                    return "nobody gets on: " + limiter.waiting() + " wait";
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (finding.get().isEmpty() && limiter.waiting() != 0) {
            return "left over: " + limiter.waiting() + " wait";
        }
        return finding.get();
    }

    /** Whoever waits while no call of all ends waits for ever. */
    private boolean endsAsLongAsOthersGetOn(Thread caller) throws InterruptedException {
        for (int before = -1; before != ended.get(); ) {
            before = ended.get();
            if (caller.join(STANDSTILL)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a turn goes on that comes to somebody who gives up just then: whoever asks for the
     * cap of another host holds the lock meanwhile.
     */
    private static boolean interruptedAsGranted() throws InterruptedException {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        HostLimiter one =
                new HostLimiter(
                        new FixedRoom(1),
                        _ -> {
                            meanwhile.get().run();
                            return 1;
                        });
        try {
            HostLimiter.Turn turn = one.acquire("a", false);
            Thread waiter = Thread.ofPlatform().daemon().start(() -> take(one, "a"));
            while (waiter.isAlive() && one.waiting() == 0) {
                Thread.onSpinWait();
            }
            Thread closer = Thread.ofPlatform().daemon().unstarted(turn::close);
            meanwhile.set(
                    () -> {
                        closer.start();
                        while (closer.getState() != Thread.State.WAITING) {
                            Thread.onSpinWait();
                        }
                        waiter.interrupt();
                        LockSupport.parkNanos(20_000_000);
                    });
            take(one, "b");
            closer.join();
            waiter.join();
        } catch (TurnRefusedException e) {
            throw new AssertionError(e);
        }
        return one.hosts() == 0;
    }

    private static void take(HostLimiter limiter, String host) {
        try {
            limiter.acquire(host, false).close();
        } catch (InterruptedException | TurnRefusedException e) {
            // As it is to be.
        }
    }

    private void call(SplittableRandom random) {
        for (int i = 0; i < CALLS; i++) {
            boolean last = i == CALLS - 1;
            int host = last ? 0 : random.nextInt(HOSTS);
            boolean mayComeAgain = !last && random.nextBoolean();
            if (last) {
                // Most of them then wait, and nobody comes after them.
                atTheEnd.countDown();
                await(atTheEnd);
            }
            try (HostLimiter.Turn turn = limiter.acquire(Integer.toString(host), mayComeAgain)) {
                int now = host == 0 ? capped.incrementAndGet() : 0;
                if (now > CAP) {
                    finding.compareAndSet("", now + " at a host that may have " + CAP);
                }
                LockSupport.parkNanos(random.nextInt(500_000));
                turn.ended(host != 1 || random.nextInt(3) > 0);
                capped.addAndGet(host == 0 ? -1 : 0);
            } catch (InterruptedException | TurnRefusedException e) {
                // It goes on with its next call.
            }
            ended.incrementAndGet();
        }
    }

    private static void await(CountDownLatch all) {
        try {
            all.await(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            // It is early then.
        }
    }
}
