package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

@WaitsMostly
class QueueProbeTest {
    @Test
    void aQueueAndAQueueThatDoesNotExist() throws QueueUnavailableException {
        try (TestQueue queue = new TestQueue(7)) {
            queue.send(List.of("a", "b", "c"));
            int received = queue.receive().size();
            assertEquals(
                    new QueueStatus(3 - received, received, 0, OptionalInt.of(7)),
                    new QueueProbe(queue.client(), queue.settings(Duration.ofSeconds(30)))
                            .describe());
            String url = queue.endpoint() + "/000000000000/missing";
            assertSays(
                    url,
                    "does not exist; create the queue, or correct queue.url, or set AWS_REGION");
        }
    }

    @Test
    void aPortWhereNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertSays("http://127.0.0.1:" + port + "/000000000000/images", "cannot be reached");
    }

    @Test
    void aServerThatNeverAnswers() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            assertSays(
                    "http://127.0.0.1:" + socket.getLocalPort() + "/000000000000/images",
                    "cannot be reached",
                    Duration.ofSeconds(1));
        }
    }

    @Test
    void aQueueThatIsForbidden() throws IOException {
        byte[] denied =
                "{\"__type\":\"com.amazonaws.sqs#AccessDeniedException\",\"message\":\"no\"}"
                        .getBytes(StandardCharsets.UTF_8);
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(403, denied.length);
                    exchange.getResponseBody().write(denied);
                    exchange.close();
                });
        server.start();
        try {
            assertSays(
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/000000000000/images",
                    "denies access (AccessDeniedException); check the credentials");
        } finally {
            server.stop(0);
        }
    }

    private static void assertSays(String url, String expected) {
        // No busy machine takes so long for an answer.
        assertSays(url, expected, Duration.ofSeconds(60));
    }

    private static void assertSays(String url, String expected, Duration patience) {
        QueueSettings settings = QueueSettings.of(url);
        try (SqsClient client = SqsClients.create(settings)) {
            QueueUnavailableException refusal =
                    assertThrows(
                            QueueUnavailableException.class,
                            () -> new QueueProbe(client, settings, patience).describe());
            assertTrue(
                    refusal.getMessage().startsWith("'" + url + "' " + expected),
                    refusal.getMessage());
            assertEquals(1, refusal.getMessage().lines().count());
        }
    }
}
