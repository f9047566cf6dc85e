package dev.millrace.deadletters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Stage;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import okhttp3.HttpUrl;

/**
 * What a worker said of a message when it gave it back to the queue, as a line of JSON.
 *
 * @param messageId the queue's id of the message
 * @param traceId of the trace that it belongs to; empty where it belongs to none
 * @param kind a {@link Failure.Kind} by its name in results, {@link #MALFORMED}, {@link #NO_IMAGE}
 *     or {@link #UNKNOWN}
 * @param stage by its name in results
 * @param host of the image, or of the callback where that failed; empty where it is not known
 * @param receives how often the message had been received
 * @param time when it was said; the epoch where nobody said it
 * @param message one line
 */
record LastWord(
        String messageId,
        String traceId,
        String kind,
        String stage,
        String host,
        int receives,
        Instant time,
        String message) {
    /** The body is no request. */
    static final String MALFORMED = "malformed";

    /** The body asks for no image: a worker deletes such messages, but one before it did not. */
    static final String NO_IMAGE = "no_image";

    /** Nobody said anything of the message, and its body is a good request. */
    static final String UNKNOWN = "unknown";

    private static final String EVENT = "given_back";
    private static final String MARK = "\"" + EVENT + "\"";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static LastWord of(Message message, Failure failure) {
        // Of several images the host is mostly the same.
        Message image = message.images().isEmpty() ? message : message.images().getFirst();
        return new LastWord(
                message.delivery().messageId(),
                message.delivery().trace().id(),
                failure.kind().wireName(),
                failure.stage().wireName(),
                failure.stage() == Stage.CALLBACK
                        ? image.request().destination().name()
                        : hostOf(image.request().url()),
                message.delivery().receiveCount(),
                Instant.now(),
                failure.message());
    }

    static LastWord of(Delivery delivery, Optional<Failure.Kind> kind, String why) {
        return new LastWord(
                delivery.messageId(),
                delivery.trace().id(),
                kind.map(Failure.Kind::wireName).orElse(MALFORMED),
                Stage.RECEIVE.wireName(),
                "",
                delivery.receiveCount(),
                Instant.now(),
                why);
    }

    /** Whether a worker said it; else it is what the body tells. */
    boolean isSaid() {
        return !time.equals(Instant.EPOCH);
    }

    LastWord withHost(String other) {
        return new LastWord(messageId, traceId, kind, stage, other, receives, time, message);
    }

    /** Of a URL that nobody has checked; empty where it has none. */
    static String hostOf(String url) {
        HttpUrl parsed = url == null ? null : HttpUrl.parse(url);
        if (parsed != null) {
            return parsed.host();
        }
        return url == null ? "" : ObjectRef.in(url).map(ObjectRef::bucket).orElse("");
    }

    /** One line of JSON. */
    String line() {
        ObjectNode line = JSON.createObjectNode();
        line.put("time", time.toString()).put("event", EVENT).put("message_id", messageId);
        return fill(line).toString();
    }

    /** Puts in what it says. */
    ObjectNode fill(ObjectNode line) {
        if (!traceId.isEmpty()) {
            line.put("trace_id", traceId);
        }
        return line.put("kind", kind)
                .put("stage", stage)
                .put("host", host)
                .put("receives", receives)
                .put("message", LimitedLog.plain(message));
    }

    /** What a line of a log says, whatever a collector of logs has put before or behind it. */
    static Optional<LastWord> read(String line) {
        int from = line.indexOf('{');
        int to = line.lastIndexOf('}');
        if (from < 0 || to < from || !line.contains(MARK)) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(line.substring(from, to + 1));
            String id = node.path("message_id").asText();
            String trace = node.path("trace_id").asText();
            if (!EVENT.equals(node.path("event").asText()) || id.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(
                    new LastWord(
                            id,
                            trace.matches("[0-9a-f]{32}") ? trace : "",
                            word(node, "kind"),
                            word(node, "stage"),
                            LimitedLog.plain(node.path("host").asText() + " ").strip(),
                            node.path("receives").asInt(),
                            Instant.parse(node.path("time").asText()),
                            LimitedLog.plain(node.path("message").asText())));
        } catch (JsonProcessingException | DateTimeParseException e) {
            // It was cut off, as the last line of a process that was killed.
            return Optional.empty();
        }
    }

    /** Few words are said of many messages. */
    private static String word(JsonNode node, String field) {
        String word = node.path(field).asText();
        return word.matches("[a-z_]{1,40}") ? word.intern() : UNKNOWN;
    }
}
