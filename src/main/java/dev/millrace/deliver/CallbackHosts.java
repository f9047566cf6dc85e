package dev.millrace.deliver;

import dev.millrace.net.HostBreakers;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Which callback hosts are worth a call now: a breaker for each. While a host is down its messages
 * are held here, with their leases kept, instead of being sent back and spending a receive each.
 * Thread-safe.
 */
final class CallbackHosts {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** Nobody has taken a result for so long: the callback side as a whole is down. */
    private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(1);

    /** For so long a host that took a result and is not down counts as one that takes them. */
    private static final long KNOWN_NS = TimeUnit.MINUTES.toNanos(10);

    /** So small a part of what may be held says nothing about the callback side. */
    private static final int FEW_PART = 16;

    /** Nor do so few messages, unless no more may be held. */
    private static final int FEW = 8;

    private static final long LOOK_MS = 100;

    private static final Duration ASKED_WITHIN = Duration.ofMinutes(1);

    /** Longer than any message is held. */
    private static final Duration HELD_FOR = Duration.ofHours(12);

    private final int maxHeld;
    private final int few;
    private final long maxHeldBytes;
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicLong heldBytes = new AtomicLong();
    private final HostBreakers breakers = new HostBreakers(PAUSE);
    private volatile long takenNs = System.nanoTime();
    private volatile CircuitBreaker taker;
    private volatile boolean closed;

    /**
     * @param maxHeld messages held at most, so that the hosts that are up keep permits
     * @param maxHeldBytes of their results
     */
    CallbackHosts(int maxHeld, long maxHeldBytes) {
        this.maxHeld = maxHeld;
        this.few = Math.max(1, Math.min(maxHeld - 1, Math.max(maxHeld / FEW_PART, FEW)));
        this.maxHeldBytes = maxHeldBytes;
    }

    CircuitBreaker breaker(String host) {
        return breakers.of(host);
    }

    /**
     * Waits until a call is permitted, which the caller then makes and reports to the breaker.
     *
     * @param untilNs how long the message may be held
     * @param bytes of its result
     * @param lost whether its lease is over, so that there is nothing to wait for
     * @return false where there is to be no call: the time is over, too many are held, the lease is
     *     lost, or the worker ends
     */
    boolean await(CircuitBreaker breaker, long untilNs, int bytes, BooleanSupplier lost)
            throws InterruptedException {
        if (breaker.tryAcquirePermission()) {
            return true;
        }
        int others = held.getAndIncrement();
        long othersBytes = heldBytes.getAndAdd(bytes);
        try {
            if (others >= maxHeld || othersBytes + bytes > maxHeldBytes) {
                return false;
            }
            while (!closed && System.nanoTime() - untilNs < 0 && !lost.getAsBoolean()) {
                Thread.sleep(LOOK_MS + ThreadLocalRandom.current().nextLong(LOOK_MS));
                if (breaker.tryAcquirePermission()) {
                    return true;
                }
            }
            return false;
        } finally {
            heldBytes.addAndGet(-bytes);
            held.decrementAndGet();
        }
    }

    /** A host took a result. */
    void taken(CircuitBreaker host) {
        taker = host;
        takenNs = System.nanoTime();
    }

    /**
     * Whether many messages wait for hosts that are down and nobody else takes any. A sender whose
     * host is dead must not be able to stop the worker for the others whenever those are quiet.
     */
    boolean down() {
        long sinceNs = System.nanoTime() - takenNs;
        return held.get() > few && sinceNs > SILENCE_NS && !isTakerUp(sinceNs);
    }

    private boolean isTakerUp(long sinceNs) {
        CircuitBreaker last = taker;
        return last != null && sinceNs < KNOWN_NS && last.getState() == CircuitBreaker.State.CLOSED;
    }

    int held() {
        return held.get();
    }

    /** Those for which messages wait, or that were asked within a minute. */
    List<String> namesDown() {
        return breakers.down(held.get() > 0 ? HELD_FOR : ASKED_WITHIN);
    }

    /** Lets those who wait go, with no call. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
