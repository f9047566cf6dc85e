package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.WaitsMostly;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When polling pauses because nobody takes results, and when not. */
@WaitsMostly
class CallbackHostsTest {
    private static final int MAX_HELD = 64;

    /** Longer than a lull that counts. */
    private static final Duration LULL = Duration.ofMillis(1500);

    private final CallbackHosts hosts = new CallbackHosts(MAX_HELD, 1 << 20);
    private final CircuitBreaker up = hosts.breaker("up.test:443");
    private final CircuitBreaker dead = hosts.breaker("dead.test:443");

    private void hold(CircuitBreaker breaker, int messages) throws InterruptedException {
        hold(hosts, breaker, messages);
    }

    private static void hold(CallbackHosts hosts, CircuitBreaker breaker, int messages)
            throws InterruptedException {
        breaker.transitionToForcedOpenState();
        int before = hosts.held();
        for (int i = 0; i < messages; i++) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    hosts.await(
                                            breaker,
                                            System.nanoTime() + 60_000_000_000L,
                                            1,
                                            () -> false);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
        }
        Loopback.awaitUntil(
                () -> hosts.held() == before + messages, 5, () -> hosts.held() + " held");
    }

    @AfterEach
    void end() throws InterruptedException {
        end(hosts);
    }

    private static void end(CallbackHosts hosts) throws InterruptedException {
        hosts.close();
        Loopback.awaitUntil(() -> hosts.held() == 0, 5, () -> hosts.held() + " held");
    }

    @Test
    void aDeadHostOfOneSenderDoesNotStopTheOthersInALull() throws InterruptedException {
        hosts.taken(up);
        hold(dead, MAX_HELD);
        Thread.sleep(LULL);
        assertFalse(hosts.down(), "a host that took results is up");
    }

    @Test
    void aFewHeldMessagesSayNothing() throws InterruptedException {
        hold(dead, 3);
        Thread.sleep(LULL);
        assertFalse(hosts.down(), "of 64 that may be held, 3 are");
    }

    /** A worker of few messages: 7/8 of them may be held, and a sixteenth of that is none. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 14, 31})
    void oneHeldMessageDoesNotSlowAWorkerOfFewMessages(int maxHeld) throws InterruptedException {
        CallbackHosts few = new CallbackHosts(maxHeld, 1 << 20);
        CircuitBreaker breaker = few.breaker("dead.test:443");
        hold(few, breaker, 1);
        Thread.sleep(LULL);
        assertFalse(few.down(), "one is held");
        if (maxHeld > 1) {
            hold(few, breaker, maxHeld - 1);
            assertTrue(few.down(), "as many as may be are held");
        }
        end(few);
    }

    @Test
    void whereTheHostThatTookResultsIsDownNobodyTakesAny() throws InterruptedException {
        hosts.taken(up);
        hold(up, MAX_HELD / 2);
        assertFalse(hosts.down(), "it took one a moment ago");
        Thread.sleep(LULL);
        assertTrue(hosts.down());
        assertEquals(MAX_HELD / 2, hosts.held());
    }
}
