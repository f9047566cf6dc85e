package dev.millrace.faults;

import dev.millrace.faults.Undefended.Change;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Queues that are not quite SQS, and clients of the status port. */
final class StrangeClients {
    private static final Change ONE_BY_ONE =
            new Change("observe/StatusServer.java", "threads.start(client);", "client.run();");

    private StrangeClients() {}

    static List<Stranger> all() {
        return List.of(
                Stranger.of(
                        "a queue that gives no attributes",
                        StrangeClients::noAttributes,
                        new Change(
                                "source/ReceiveCall.java",
                                "message.attributes().get(name)",
                                "message.attributes().getOrDefault(name, \"1\")")),
                Stranger.of(
                        "a queue whose attributes are no numbers, now and then",
                        StrangeClients::oddAttributes,
                        new Change(
                                "source/ReceiveCall.java",
                                "catch (NumberFormatException e)",
                                "catch (IllegalMonitorStateException e)")),
                Stranger.of(
                        "messages without a body, an id or a receipt",
                        StrangeClients::halfMessages),
                Stranger.of(
                        "one client of the status port that sends G and waits",
                        scene -> scene.connect("G"),
                        ONE_BY_ONE),
                Stranger.of(
                        "a hundred clients that stall, send nonsense or never read",
                        StrangeClients::hundred,
                        ONE_BY_ONE));
    }

    private static void noAttributes(StrangerScene scene) {
        List<String> odd = new ArrayList<>();
        scene.ledger.witness =
                (_, body) -> {
                    String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
                    if (text.contains("\"queue\":")) {
                        odd.add(text);
                    }
                };
        scene.faulty.mangler = message -> message.remove("Attributes");
        scene.then(() -> StrangerScene.require(odd.isEmpty(), odd + " have a time in the queue"));
    }

    private static void oddAttributes(StrangerScene scene) {
        int[] count = {0};
        scene.faulty.mangler =
                message -> {
                    if (count[0]++ % 7 == 0) {
                        message.withObject("/Attributes")
                                .put("ApproximateReceiveCount", "many")
                                .put("SentTimestamp", "99999999999999999999");
                    }
                };
    }

    private static void halfMessages(StrangerScene scene) {
        List<String> missing = new ArrayList<>(List.of("Body", "MessageId", "ReceiptHandle"));
        scene.faulty.mangler =
                message -> {
                    synchronized (missing) {
                        if (!missing.isEmpty() && message.path("Body").asText().contains("\"odd")) {
                            message.remove(missing.removeFirst());
                        }
                    }
                };
        for (int i = 0; i < 3; i++) {
            scene.retried("odd" + i, scene.photo());
        }
    }

    private static void hundred(StrangerScene scene) throws IOException {
        for (int i = 0; i < 25; i++) {
            scene.connect("");
            scene.connect("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ");
            scene.connect("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50));
            scene.connect(
                    "POST /v2/health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n");
        }
    }
}
