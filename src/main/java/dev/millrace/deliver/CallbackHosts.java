package dev.millrace.deliver;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which callback hosts are worth a call now: a breaker for each. While a host is down its messages
 * are held here, with their leases kept, instead of being sent back and spending a receive each.
 * Thread-safe.
 */
final class CallbackHosts {
    private static final int MOST_HOSTS = 1024;
    private static final int CALLS_JUDGED = 20;
    private static final int CALLS_AT_LEAST = 10;
    private static final float FAILED_PERCENT = 80;
    private static final int PROBES = 2;
    private static final Duration OPEN = Duration.ofSeconds(2);

    /** Nobody has taken a result for so long: the callback side as a whole is down. */
    private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long LOOK_MS = 100;

    private static final CircuitBreakerConfig CONFIG =
            CircuitBreakerConfig.custom()
                    .clock(new MonotonicClock())
                    .currentTimestampFunction(_ -> System.nanoTime(), TimeUnit.NANOSECONDS)
                    .slidingWindowSize(CALLS_JUDGED)
                    .minimumNumberOfCalls(CALLS_AT_LEAST)
                    .failureRateThreshold(FAILED_PERCENT)
                    // A slow host is the call timeout's business.
                    .slowCallDurationThreshold(Duration.ofDays(1))
                    .waitDurationInOpenState(OPEN)
                    .permittedNumberOfCallsInHalfOpenState(PROBES)
                    .build();

    private final int maxHeld;
    private final AtomicInteger held = new AtomicInteger();
    private final Map<String, CircuitBreaker> breakers = new LinkedHashMap<>(16, 0.75f, true);
    private volatile long takenNs = System.nanoTime();
    private volatile boolean closed;

    /**
     * @param maxHeld messages held at most, so that the hosts that are up keep permits
     */
    CallbackHosts(int maxHeld) {
        this.maxHeld = maxHeld;
    }

    /** The breaker of a host. Hosts are named by strangers, so the oldest is forgotten. */
    CircuitBreaker breaker(String host) {
        synchronized (breakers) {
            CircuitBreaker breaker =
                    breakers.computeIfAbsent(host, name -> CircuitBreaker.of(name, CONFIG));
            if (breakers.size() > MOST_HOSTS) {
                breakers.remove(breakers.keySet().iterator().next());
            }
            return breaker;
        }
    }

    /**
     * Waits until a call is permitted, which the caller then makes and reports to the breaker.
     *
     * @param untilNs how long the message may be held
     * @return false where there is to be no call: the time is over, too many are held, or the
     *     worker ends
     */
    boolean await(CircuitBreaker breaker, long untilNs) throws InterruptedException {
        if (breaker.tryAcquirePermission()) {
            return true;
        }
        if (held.incrementAndGet() > maxHeld) {
            held.decrementAndGet();
            return false;
        }
        try {
            while (!closed && System.nanoTime() - untilNs < 0) {
                Thread.sleep(LOOK_MS + ThreadLocalRandom.current().nextLong(LOOK_MS));
                if (breaker.tryAcquirePermission()) {
                    return true;
                }
            }
            return false;
        } finally {
            held.decrementAndGet();
        }
    }

    /** A host took a result. */
    void taken() {
        takenNs = System.nanoTime();
    }

    /** Whether messages wait for hosts that are down and nobody else takes any. */
    boolean down() {
        return held.get() > 0 && System.nanoTime() - takenNs > SILENCE_NS;
    }

    int held() {
        return held.get();
    }

    /** Lets those who wait go, with no call. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
