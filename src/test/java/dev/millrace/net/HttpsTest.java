package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.TlsServer;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLException;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS below the client that checks addresses: connections are kept, sessions are resumed. */
@WaitsMostly
class HttpsTest {
    private static final Duration TIME = Duration.ofSeconds(20);
    private static final int CALLS = 40;
    private static final int AT_A_TIME = 8;

    @TempDir private Path folder;
    private TlsServer server;
    private GuardedHttp http;

    @BeforeEach
    void serve() throws Exception {
        server = new TlsServer(folder, new byte[150_000]);
        try (AutoCloseable _ = server.trusted()) {
            http = client(AT_A_TIME);
        }
    }

    private static GuardedHttp client(int idle) {
        AddressRules loopback = new AddressRules(List.of(Cidr.parse("127.0.0.0/8")));
        return new GuardedHttp(
                new UrlPolicy(loopback, Set.of(), Optional.empty()),
                new HttpLimits(TIME, TIME, TIME, idle),
                _ -> List.of(InetAddress.ofLiteral("127.0.0.1")));
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private void call(GuardedHttp client, String path) throws IOException {
        String url = "https://images.test:" + server.port() + path;
        try (Response response = client.newCall(new Request.Builder().url(url).build()).execute()) {
            assertEquals(150_000, response.body().bytes().length);
        }
    }

    private void call(int times, String path) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Void> call =
                    () -> {
                        call(http, path);
                        return null;
                    };
            for (Future<Void> done : threads.invokeAll(Collections.nCopies(times, call))) {
                done.get();
            }
        }
    }

    @Test
    void aConnectionServesTheNextCallToo() throws Exception {
        for (int i = 0; i < CALLS; i++) {
            call(http, "/");
        }
        assertEquals(1, server.connections());
        assertEquals(1, server.fullHandshakes());
    }

    @Test
    void asManyAreKeptAsMayBeInFlight() throws Exception {
        call(AT_A_TIME, "/");
        int open = server.connections();
        // Whoever is above the limit would be closed by now.
        Thread.sleep(2500);
        for (int round = 0; round < 5; round++) {
            call(open, "/");
        }
        assertTrue(server.connections() <= AT_A_TIME, server.connections() + " connections");
    }

    @Test
    void aNewConnectionToAKnownHostResumesItsSession() throws Exception {
        for (int i = 0; i < CALLS; i++) {
            call(http, "/close");
        }
        assertEquals(CALLS, server.connections());
        assertEquals(1, server.fullHandshakes(), "full handshakes");
    }

    @Test
    void manyNewConnectionsAtATimeResumeMostOfTheirs() throws Exception {
        for (int round = 0; round < CALLS / AT_A_TIME; round++) {
            call(AT_A_TIME, "/close");
        }
        assertEquals(CALLS, server.connections());
        assertTrue(
                server.fullHandshakes() <= CALLS / 2, server.fullHandshakes() + " full handshakes");
    }

    @Test
    void whoIsNotTrustedIsNotCalled() {
        try (GuardedHttp stranger = client(1)) {
            assertThrows(SSLException.class, () -> call(stranger, "/"));
        }
        assertEquals(0, server.connections());
    }
}
