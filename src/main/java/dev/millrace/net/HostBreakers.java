package dev.millrace.net;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A circuit breaker for each host. It opens when most of the last calls failed and then lets two
 * calls through each {@code pause}, until they succeed. Hosts are named by strangers, so only the
 * ones called last are known. Thread-safe.
 */
public final class HostBreakers {
    private static final int MAX_HOSTS = 1024;
    private static final int CALLS_JUDGED = 20;
    private static final int MIN_CALLS = 8;
    private static final float FAILED_PERCENT = 80;
    private static final int PROBES = 2;
    private static final int MAX_NAMED = 4;

    private final CircuitBreakerConfig config;
    private final Map<String, Known> hosts = new LinkedHashMap<>(16, 0.75f, true);

    /** A host's breaker, and when it was last asked for. Guarded by the map. */
    private static final class Known {
        final CircuitBreaker breaker;
        long askedNs;

        Known(CircuitBreaker breaker) {
            this.breaker = breaker;
        }
    }

    /**
     * @param pause between two looks at a host that is down
     */
    public HostBreakers(Duration pause) {
        this.config =
                CircuitBreakerConfig.custom()
                        .clock(new MonotonicClock())
                        .currentTimestampFunction(_ -> System.nanoTime(), TimeUnit.NANOSECONDS)
                        .slidingWindowSize(CALLS_JUDGED)
                        .minimumNumberOfCalls(MIN_CALLS)
                        .failureRateThreshold(FAILED_PERCENT)
                        // A slow host is the call timeout's business.
                        .slowCallDurationThreshold(Duration.ofDays(1))
                        .waitDurationInOpenState(pause)
                        .permittedNumberOfCallsInHalfOpenState(PROBES)
                        .build();
    }

    /** The breaker of a host; who takes a permission from it says what became of the call. */
    public CircuitBreaker of(String host) {
        synchronized (hosts) {
            Known known =
                    hosts.computeIfAbsent(host, name -> new Known(CircuitBreaker.of(name, config)));
            known.askedNs = System.nanoTime();
            if (hosts.size() > MAX_HOSTS) {
                hosts.remove(hosts.keySet().iterator().next());
            }
            return known.breaker;
        }
    }

    /**
     * The hosts that are down, {@value #MAX_NAMED} at most, the one asked last first. A breaker
     * does not close by itself, so a host that nobody asks any more is not among them.
     *
     * @param within how long ago it was asked for at the most
     */
    public List<String> down(Duration within) {
        long nowNs = System.nanoTime();
        synchronized (hosts) {
            return hosts.values().stream()
                    .filter(host -> host.breaker.getState() != CircuitBreaker.State.CLOSED)
                    .filter(host -> nowNs - host.askedNs < within.toNanos())
                    .sorted(Comparator.comparingLong(host -> nowNs - host.askedNs))
                    .limit(MAX_NAMED)
                    .map(host -> host.breaker.getName())
                    .toList();
        }
    }
}
