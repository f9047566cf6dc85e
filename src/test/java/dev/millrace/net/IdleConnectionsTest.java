package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WaitsMostly
class IdleConnectionsTest {
    private static final int CALLS = 4;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private CountDownLatch all = new CountDownLatch(CALLS);

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    // Each call waits for the others, so that each needs a connection.
                    all.countDown();
                    try (exchange) {
                        all.await();
                        exchange.sendResponseHeaders(204, -1);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.close();
    }

    private void call(ConnectionPool pool) throws Exception {
        OkHttpClient client = new OkHttpClient.Builder().connectionPool(pool).build();
        Request request =
                new Request.Builder()
                        .url("http://127.0.0.1:" + server.getAddress().getPort())
                        .build();
        Callable<Integer> call =
                () -> {
                    try (Response response = client.newCall(request).execute()) {
                        return response.code();
                    }
                };
        for (Future<Integer> code : threads.invokeAll(Collections.nCopies(CALLS, call))) {
            assertEquals(204, code.get());
        }
    }

    @Test
    void thoseAboveTheLimitAreClosedSoon() throws Exception {
        ConnectionPool pool = IdleConnections.pool(2, Duration.ofMinutes(1));
        call(pool);
        Loopback.awaitUntil(
                () -> pool.connectionCount() == 2, 5, () -> pool.connectionCount() + " open");
    }

    @Test
    @Slow
    void thoseThatWaitedTooLongAreClosedAndTheRestServes() throws Exception {
        ConnectionPool pool = IdleConnections.pool(CALLS, Duration.ofSeconds(1));
        call(pool);
        assertTrue(pool.connectionCount() >= 1);
        Loopback.awaitUntil(
                () -> pool.connectionCount() == 0, 6, () -> pool.connectionCount() + " open");
        // After it had nothing to do, it looks again.
        all = new CountDownLatch(CALLS);
        call(pool);
        assertEquals(CALLS, pool.connectionCount());
        Loopback.awaitUntil(
                () -> pool.connectionCount() == 0, 6, () -> pool.connectionCount() + " open");
    }
}
