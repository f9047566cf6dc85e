package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.Slow;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sqs.SqsClient;

@WaitsMostly
class QueueProbeTest {
    @Test
    @Slow
    void aQueueAndAQueueThatDoesNotExist() throws QueueUnavailableException {
        try (TestQueue queue = new TestQueue(7)) {
            queue.send(List.of("a", "b", "c"));
            int received = queue.receive().size();
            assertEquals(
                    new QueueStatus(
                            3 - received,
                            received,
                            0,
                            OptionalInt.of(7),
                            Optional.empty(),
                            Optional.empty()),
                    new QueueProbe(queue.client(), queue.settings(Duration.ofSeconds(30)))
                            .describe());
            String url = queue.endpoint() + "/000000000000/missing";
            assertSays(
                    url,
                    "does not exist; create the queue, or correct queue.url, or set AWS_REGION");
        }
    }

    /** As AWS says it; the server of the test above does not. */
    @Test
    void howLongAQueueKeepsMessages() throws Exception {
        byte[] attributes =
                """
                {"Attributes": {"MessageRetentionPeriod": "345600", "MaximumMessageSize": "262144", "ApproximateNumberOfMessages": "4",
                 "RedrivePolicy": "{\\"deadLetterTargetArn\\":\\"a\\",\\"maxReceiveCount\\":\\"6\\"}"}}"""
                        .getBytes(StandardCharsets.UTF_8);
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
                    exchange.sendResponseHeaders(200, attributes.length);
                    exchange.getResponseBody().write(attributes);
                    exchange.close();
                });
        server.start();
        QueueSettings settings =
                QueueSettings.of("http://127.0.0.1:" + server.getAddress().getPort() + "/0/images");
        try (SqsClient client = SqsClients.create(settings)) {
            assertEquals(
                    new QueueStatus(
                            4,
                            0,
                            0,
                            OptionalInt.of(6),
                            Optional.of(Duration.ofDays(4)),
                            Optional.of(262_144L)),
                    new QueueProbe(client, settings, Duration.ofSeconds(60)).describe());
        } finally {
            server.stop(0);
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

    /** A queue that knows who asks may be used without its attributes; no other refusal passes. */
    @ParameterizedTest
    @CsvSource({
        "AccessDeniedException, true",
        "AccessDenied, true",
        "InvalidClientTokenId, false",
        "SignatureDoesNotMatch, false",
        "ExpiredToken, false"
    })
    void aQueueThatIsForbidden(String code, boolean onlyAttributes) throws IOException {
        byte[] denied =
                "{\"__type\":\"com.amazonaws.sqs#%s\",\"message\":\"no\"}"
                        .formatted(code)
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
            QueueUnavailableException refusal =
                    assertSays(
                            "http://127.0.0.1:"
                                    + server.getAddress().getPort()
                                    + "/000000000000/images",
                            "denies access (" + code + "); check the credentials");
            assertEquals(onlyAttributes ? Optional.of(code) : Optional.empty(), refusal.denied());
        } finally {
            server.stop(0);
        }
    }

    private static QueueUnavailableException assertSays(String url, String expected) {
        // No busy machine takes so long for an answer.
        return assertSays(url, expected, Duration.ofSeconds(60));
    }

    private static QueueUnavailableException assertSays(
            String url, String expected, Duration patience) {
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
            return refusal;
        }
    }
}
