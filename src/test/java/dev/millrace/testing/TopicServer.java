package dev.millrace.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A topic of SNS, as far as its query protocol publishes: in batches, of which entries may fail.
 */
public final class TopicServer implements AutoCloseable {
    public static final String ARN = "arn:aws:sns:eu-central-1:123456789012:results";

    private static final String ENTRY = "PublishBatchRequestEntries.member.";

    private final FlakyServer server = new FlakyServer(this::answer);
    private final Taker taker;
    private final SplittableRandom random;

    /** Sizes of the batches that came. */
    public final List<Integer> batches = new CopyOnWriteArrayList<>();

    /** The part of the entries that it refuses, as its own fault. */
    public volatile double failing;

    /** The part of the calls that it throttles. */
    public volatile double throttled;

    /** What it answers instead of taking anything; empty for nothing. */
    public volatile String refusal = "";

    /** Sees each message that the topic took. */
    @FunctionalInterface
    public interface Taker {
        void take(Map<String, String> attributes, String body) throws IOException;
    }

    public TopicServer(long seed, Taker taker) throws IOException {
        this.taker = taker;
        this.random = new SplittableRandom(seed);
    }

    public URI url() {
        return server.url();
    }

    public void goDown() {
        server.goDown();
    }

    public void comeBack() throws IOException {
        server.comeBack();
    }

    private synchronized boolean chance(double part) {
        return random.nextDouble() < part;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> form = form(exchange.getRequestBody().readAllBytes());
            if (!refusal.isEmpty()) {
                error(exchange, 403, refusal);
            } else if (chance(throttled)) {
                error(exchange, 400, "Throttling");
            } else if ("PublishBatch".equals(form.get("Action"))) {
                send(exchange, 200, publish(form));
            } else {
                send(
                        exchange,
                        200,
                        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes/>"
                                + "</GetTopicAttributesResult></GetTopicAttributesResponse>");
            }
        }
    }

    private String publish(Map<String, String> form) throws IOException {
        StringBuilder taken = new StringBuilder();
        StringBuilder failed = new StringBuilder();
        int entries = 0;
        for (; form.containsKey(ENTRY + (entries + 1) + ".Id"); entries++) {
            String entry = ENTRY + (entries + 1);
            String id = "<Id>" + form.get(entry + ".Id") + "</Id>";
            if (chance(failing)) {
                failed.append("<member>").append(id);
                failed.append(
                        "<Code>InternalError</Code><SenderFault>false</SenderFault></member>");
                continue;
            }
            taker.take(attributes(form, entry), form.get(entry + ".Message"));
            taken.append("<member>").append(id);
            taken.append("<MessageId>m").append(entries).append("</MessageId></member>");
        }
        batches.add(entries);
        return ("<PublishBatchResponse><PublishBatchResult><Successful>%s</Successful>"
                        + "<Failed>%s</Failed></PublishBatchResult></PublishBatchResponse>")
                .formatted(taken, failed);
    }

    private static Map<String, String> attributes(Map<String, String> form, String entry) {
        Map<String, String> attributes = new LinkedHashMap<>();
        String group = form.get(entry + ".MessageGroupId");
        if (group != null) {
            attributes.put("group", group);
            attributes.put("deduplication", form.get(entry + ".MessageDeduplicationId"));
        }
        for (int i = 1; ; i++) {
            String one = entry + ".MessageAttributes.entry." + i;
            if (!form.containsKey(one + ".Name")) {
                return attributes;
            }
            attributes.put(form.get(one + ".Name"), form.get(one + ".Value.StringValue"));
        }
    }

    private static Map<String, String> form(byte[] body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
            String[] parts = pair.split("=", 2);
            form.put(
                    URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                    URLDecoder.decode(parts.length > 1 ? parts[1] : "", StandardCharsets.UTF_8));
        }
        return form;
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        send(
                exchange,
                status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error></ErrorResponse>"
                        .formatted(code));
    }

    private static void send(HttpExchange exchange, int status, String xml) throws IOException {
        byte[] body = xml.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.close();
    }
}
