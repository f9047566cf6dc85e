package dev.millrace.net;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
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

    private final CircuitBreakerConfig config;
    private final Map<String, CircuitBreaker> breakers = new LinkedHashMap<>(16, 0.75f, true);

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
        synchronized (breakers) {
            CircuitBreaker breaker =
                    breakers.computeIfAbsent(host, name -> CircuitBreaker.of(name, config));
            if (breakers.size() > MAX_HOSTS) {
                breakers.remove(breakers.keySet().iterator().next());
            }
            return breaker;
        }
    }
}
