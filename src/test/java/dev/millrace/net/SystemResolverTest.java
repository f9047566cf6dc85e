package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Name servers that take for ever, of one domain among others. */
class SystemResolverTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");

    private final CountDownLatch answers = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    private InetAddress[] lookup(String host) throws UnknownHostException {
        if (host.toLowerCase(Locale.ROOT).contains("slow")) {
            asked.incrementAndGet();
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new UnknownHostException(host);
            }
        }
        return new InetAddress[] {ADDRESS};
    }

    private static LookupRefusedException refused(SystemResolver resolver, String host) {
        UnknownHostException e =
                assertThrows(UnknownHostException.class, () -> resolver.resolve(host));
        assertTrue(OwnRefusals.isIn(e), e::toString);
        return OwnRefusals.lookup(e).orElseThrow();
    }

    @Test
    void theNameServersOfOneDomainHoldNoMoreThanTheirShare() throws Exception {
        try (SystemResolver resolver = new SystemResolver(Duration.ofSeconds(1), this::lookup);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 2 * SystemResolver.MAX_LOOKUPS; i++) {
                String host = "img" + i + ".cdn.Slow.test" + (i % 2 == 0 ? "." : "");
                callers.submit(() -> resolver.resolve(host));
            }
            Loopback.awaitUntil(
                    () -> asked.get() == SystemResolver.MAX_PER_DOMAIN, 5, asked::toString);
            long startNs = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertEquals(List.of(ADDRESS), resolver.resolve("i" + i + ".quick.test"));
            }
            assertTrue(System.nanoTime() - startNs < 10_000_000_000L);
            assertTrue(refused(resolver, "one.more.slow.test").getMessage().contains("domain"));
            // Nobody waits for them any more, and they hold their threads all the same.
            Thread.sleep(1500);
            refused(resolver, "slow.test");
            assertEquals(SystemResolver.MAX_PER_DOMAIN, asked.get());
            answers.countDown();
            Loopback.awaitUntil(() -> answered(resolver), 5, () -> "still refused");
        }
    }

    private static boolean answered(SystemResolver resolver) {
        try {
            return !resolver.resolve("slow.test").isEmpty();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Test
    void aNameServerThatDoesNotAnswerSaysNothingOfTheHost() {
        try (SystemResolver resolver = new SystemResolver(Duration.ofMillis(50), this::lookup)) {
            refused(resolver, "a.slow.test");
            answers.countDown();
        }
    }

    @Test
    void aNameThatDoesNotExistIsTheHosts() {
        try (SystemResolver resolver =
                new SystemResolver(
                        Duration.ofSeconds(1),
                        host -> {
                            throw new UnknownHostException(host);
                        })) {
            UnknownHostException e =
                    assertThrows(UnknownHostException.class, () -> resolver.resolve("a.test"));
            assertFalse(OwnRefusals.isIn(e));
        }
    }

    /** As one message with many images of one host does. */
    @Test
    void asksOnceForANameThatManyAskForAtOneTime() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        try (SystemResolver resolver =
                        new SystemResolver(
                                Duration.ofSeconds(5),
                                _ -> {
                                    lookups.incrementAndGet();
                                    pause(20);
                                    return new InetAddress[] {ADDRESS};
                                });
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<InetAddress>>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String host = i % 2 == 0 ? "img.shop.test" : "IMG.shop.test";
                answers.add(callers.submit(() -> resolver.resolve(host)));
            }
            int refused = 0;
            for (Future<List<InetAddress>> answer : answers) {
                try {
                    assertEquals(List.of(ADDRESS), answer.get());
                } catch (ExecutionException e) {
                    refused++;
                }
            }
            assertEquals(0, refused, "refused of 100");
            // More than one only where this machine took 20 ms to start a hundred threads.
            assertTrue(lookups.get() < 10, lookups::toString);
        }
    }

    @Test
    void sharesAFailureWithWhoWaitsForItAndRemembersNone() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        CountDownLatch both = new CountDownLatch(1);
        try (SystemResolver resolver =
                        new SystemResolver(
                                Duration.ofSeconds(5),
                                host -> {
                                    if (lookups.incrementAndGet() == 1) {
                                        await(both);
                                        throw new UnknownHostException(host);
                                    }
                                    return new InetAddress[] {ADDRESS};
                                });
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<InetAddress>> first = callers.submit(() -> resolver.resolve("a.test"));
            Loopback.awaitUntil(() -> lookups.get() == 1, 5, lookups::toString);
            Future<List<InetAddress>> second = callers.submit(() -> resolver.resolve("a.test"));
            Thread.sleep(50);
            both.countDown();
            assertThrows(ExecutionException.class, first::get);
            assertThrows(ExecutionException.class, second::get);
            assertEquals(1, lookups.get());
            assertEquals(List.of(ADDRESS), resolver.resolve("a.test"));
        }
    }

    /** One answer of a name server that got lost would else fail all that ask after it. */
    @Test
    void asksAgainForANameWhoseLookupTakesLong() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        try (SystemResolver resolver =
                new SystemResolver(
                        Duration.ofMillis(200),
                        _ -> {
                            if (lookups.incrementAndGet() == 1) {
                                await(never);
                            }
                            return new InetAddress[] {ADDRESS};
                        })) {
            refused(resolver, "a.test");
            assertEquals(List.of(ADDRESS), resolver.resolve("a.test"));
            never.countDown();
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
