package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.Loopback;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What a receiver learns from a signed result of a whole worker: whose message it answers, and that
 * it was meant for this host. The signatures are checked by the library of Standard Webhooks.
 */
@Isolated("its scene counts the threads of the process")
class SignedResultsTest extends WithWorkerScene {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> SECRETS = new TreeMap<>();

    static {
        for (String name : List.of("new", "old", "second", "all")) {
            SECRETS.put(
                    name,
                    "whsec_"
                            + Base64.getEncoder()
                                    .encodeToString(
                                            name.repeat(20)
                                                    .substring(0, 30)
                                                    .concat("0")
                                                    .getBytes(StandardCharsets.UTF_8)));
        }
    }

    private final Map<String, String> settings = WorkerScene.settings();

    /** A result as it arrived. */
    private record Arrival(Headers headers, String body) {
        String webhookId() {
            return headers.getFirst("webhook-id");
        }

        /** The names of the secrets with which it verifies. */
        Set<String> accepting() {
            Set<String> names = new TreeSet<>();
            SECRETS.forEach(
                    (name, secret) -> {
                        try {
                            new Webhook(secret)
                                    .verify(body, HttpHeaders.of(headers, (_, _) -> true));
                            names.add(name);
                        } catch (WebhookVerificationException e) {
                            // Not for this one.
                        } catch (com.standardwebhooks.exceptions.EmptyWebhookSecretException e) {
                            throw new AssertionError(e);
                        }
                    });
            return names;
        }
    }

    /** A callback host on an address of its own. */
    private static final class Receiver implements AutoCloseable {
        final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
        private final HttpServer server;

        Receiver(String address) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        String body =
                                new String(
                                        exchange.getRequestBody().readAllBytes(),
                                        StandardCharsets.UTF_8);
                        arrivals.add(new Arrival(exchange.getRequestHeaders(), body));
                        exchange.sendResponseHeaders(204, -1);
                        exchange.close();
                    });
            server.start();
        }

        String url() {
            InetSocketAddress at = server.getAddress();
            return "http://" + at.getAddress().getHostAddress() + ":" + at.getPort() + "/";
        }

        void await(int count) throws InterruptedException {
            Loopback.awaitUntil(
                    () -> arrivals.size() >= count, 30, () -> arrivals.size() + " of " + count);
            assertEquals(count, arrivals.size());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    /** What SendMessage returned for a message with this {@code id} of the sender's choice. */
    private String send(String id, String callbackUrl) {
        String body =
                """
                {"id": "%s", "url": "%s", "task": "colors", "callback_url": "%s"}"""
                        .formatted(
                                id,
                                scene.internet.photo("mpu-300x250-city-night.jpg"),
                                callbackUrl);
        return queue.client()
                .sendMessage(request -> request.queueUrl(queue.url()).messageBody(body))
                .messageId();
    }

    /** Both results are signed, and both say the same id: only the signed webhook-id differs. */
    @Test
    void aSenderWhoTakesAnothersIdIsToldApart() throws Exception {
        settings.put("MILLRACE_CALLBACK_SECRETS", SECRETS.get("all"));
        try (Receiver receiver = new Receiver("127.0.0.1");
                Worker _ = Worker.start(scene.config(settings))) {
            String mine = send("order-17", receiver.url());
            String strangers = send("order-17", receiver.url());
            receiver.await(2);
            Set<String> ids = new TreeSet<>();
            for (Arrival arrival : receiver.arrivals) {
                assertEquals(Set.of("all"), arrival.accepting());
                assertEquals("order-17", JSON.readTree(arrival.body).path("id").textValue());
                ids.add(arrival.webhookId());
            }
            assertEquals(new TreeSet<>(Set.of("msg_" + mine, "msg_" + strangers)), ids);
        }
    }

    /** With a rotation at the first host, and a third one that nobody has listed. */
    @Test
    void aHostLearnsNothingThatAnotherWouldBelieve() throws Exception {
        settings.put("MILLRACE_CALLBACK_HOSTS_0_HOST", "127.0.0.1");
        settings.put(
                "MILLRACE_CALLBACK_HOSTS_0_SECRETS", SECRETS.get("new") + "," + SECRETS.get("old"));
        settings.put("MILLRACE_CALLBACK_HOSTS_1_HOST", "127.0.0.2");
        settings.put("MILLRACE_CALLBACK_HOSTS_1_SECRETS", SECRETS.get("second"));
        assertEquals(
                List.of(Set.of("new", "old"), Set.of("second"), Set.of()), acceptedAt(settings));
        settings.put("MILLRACE_CALLBACK_SECRETS", SECRETS.get("all"));
        assertEquals(
                List.of(Set.of("new", "old"), Set.of("second"), Set.of("all")),
                acceptedAt(settings));
    }

    private List<Set<String>> acceptedAt(Map<String, String> settings) throws Exception {
        try (Receiver first = new Receiver("127.0.0.1");
                Receiver second = new Receiver("127.0.0.2");
                Receiver third = new Receiver("127.0.0.3");
                Worker _ = Worker.start(scene.config(settings))) {
            List<Receiver> receivers = List.of(first, second, third);
            receivers.forEach(receiver -> send("a", receiver.url()));
            for (Receiver receiver : receivers) {
                receiver.await(1);
                assertTrue(receiver.arrivals.getFirst().webhookId().startsWith("msg_"));
            }
            return receivers.stream()
                    .map(receiver -> receiver.arrivals.getFirst().accepting())
                    .toList();
        }
    }
}
