package dev.millrace.lab.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the generator sends, and what it says of a real server's answers. */
class LoadGeneratorTest {
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final int STALL_MS = 300;

    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    private final Set<InetSocketAddress> callers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private HttpTarget target(Answer answer, String... requests) {
        server.createContext(
                "/infer",
                exchange -> {
                    try (exchange) {
                        bodies.add(
                                new String(
                                        exchange.getRequestBody().readAllBytes(),
                                        StandardCharsets.UTF_8));
                        callers.add(exchange.getRemoteAddress());
                        answer.answer(exchange, asked.getAndIncrement());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        server.start();
        URI url =
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/infer?format=x");
        return HttpTarget.posts(
                url,
                List.of("X-Test: yes"),
                List.of(requests).stream()
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList());
    }

    private interface Answer {
        void answer(HttpExchange exchange, int number) throws IOException, InterruptedException;
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static LoadFigures run(HttpTarget target, Arrivals arrivals) throws IOException {
        try (LoadGenerator generator = new LoadGenerator(target, arrivals)) {
            return generator.run(Duration.ZERO, SHORT, () -> {}, () -> {});
        }
    }

    @Test
    void keptConnectionsSendOneRequestAfterTheOther() throws IOException {
        LoadFigures figures =
                run(
                        target((exchange, _) -> say(exchange, 200, "{}"), "one", "two", "three"),
                        new Arrivals.Closed(3));
        assertEquals(figures.sent(), figures.latencies().getTotalCount());
        assertTrue(figures.completed() > 0);
        assertEquals(0, figures.failed(), figures.failures()::toString);
        assertEquals(3, callers.size(), "connections are used again");
        assertEquals(Set.of("one", "two", "three"), Set.copyOf(bodies));
    }

    @Test
    void aStallOfTheServerCountsForAllThatWereDueInIt() throws IOException {
        AtomicBoolean stalled = new AtomicBoolean();
        HttpTarget target =
                target(
                        (exchange, _) -> {
                            // One connection: whatever is due meanwhile waits in the generator.
                            if (stalled.compareAndSet(false, true)) {
                                Thread.sleep(STALL_MS);
                            }
                            say(exchange, 200, "{}");
                        },
                        "x");
        LoadFigures figures = run(target, new Arrivals.Poisson(1, 200, new Random(1)));
        long late =
                figures.latencies()
                        .getCountBetweenValues(
                                Duration.ofMillis(STALL_MS / 3).toNanos(), Long.MAX_VALUE);
        // 200 ms of 200 a second are 40.
        assertTrue(late >= 20, () -> late + " of " + figures.sent() + " were late");
        assertEquals(figures.sent(), figures.latencies().getTotalCount());
    }

    @Test
    void requestsByChanceComeAtTheirRate() throws IOException {
        HttpTarget target = target((exchange, _) -> say(exchange, 200, "{}"), "x");
        LoadFigures figures = run(target, new Arrivals.Poisson(64, 500, new Random(7)));
        // 0.4 s of 500 a second, give or take five times the root of 200.
        assertTrue(figures.sent() > 130 && figures.sent() < 270, figures.sent() + " were sent");
    }

    @Test
    void whatIsNoVerdictIsCountedAndToldWithItsFirstAnswer() throws IOException {
        HttpTarget target =
                target(
                        (exchange, number) -> {
                            if (number % 2 == 0) {
                                say(exchange, 503, "{\"error\": \"draining\"}");
                            } else {
                                say(exchange, 200, "{}");
                            }
                        },
                        "x");
        LoadFigures figures = run(target, new Arrivals.Closed(1));
        assertEquals(Set.of("HTTP 503: {\"error\": \"draining\"}"), figures.failures().keySet());
        assertEquals(figures.sent(), figures.failed() + figures.latencies().getTotalCount());
    }

    @Test
    void chunkedAnswersAndClosedConnectionsAreNoFailures() throws IOException {
        HttpTarget target =
                target(
                        (exchange, number) -> {
                            if (number % 2 == 0) {
                                exchange.getResponseHeaders().set("Connection", "close");
                            }
                            exchange.sendResponseHeaders(200, 0);
                            exchange.getResponseBody()
                                    .write("{\"a\":".getBytes(StandardCharsets.UTF_8));
                            exchange.getResponseBody().flush();
                            exchange.getResponseBody().write("1}".getBytes(StandardCharsets.UTF_8));
                        },
                        "x");
        LoadFigures figures = run(target, new Arrivals.Closed(2));
        assertEquals(0, figures.failed(), figures.failures()::toString);
        assertTrue(figures.completed() > 0);
    }

    @Test
    void aServerThatHangsUpIsTold() throws IOException {
        try (ServerSocket rude = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                while (true) {
                                    try (Socket caller = rude.accept()) {
                                        caller.getInputStream().read();
                                    } catch (IOException e) {
                                        return;
                                    }
                                }
                            });
            URI url = URI.create("http://127.0.0.1:" + rude.getLocalPort() + "/");
            HttpTarget target = HttpTarget.posts(url, List.of(), List.of(new byte[10]));
            LoadFigures figures = run(target, new Arrivals.Closed(1));
            assertTrue(figures.failed() > 0);
            assertEquals(0, figures.completed());
        }
    }

    @Test
    void theProcessBehindAPortIsFoundWithItsCpu() {
        target((exchange, _) -> say(exchange, 200, "{}"), "x");
        Set<Long> pids = ListeningProcesses.at(server.getAddress().getPort());
        assertEquals(Set.of(ProcessHandle.current().pid()), pids);
        ProcessCpu cpu = new ProcessCpu(pids);
        double before = cpu.getAsDouble();
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (cpu.getAsDouble() < before + 0.05 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertTrue(cpu.getAsDouble() >= before + 0.05);
    }
}
