package dev.millrace.deliver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Delivery;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import java.time.Instant;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line per finished message, to the logger {@code millrace.message}. Queries are cut from
 * URLs. Of messages that ended well a share may do; which ones is decided by the trace, or by the
 * queue's id of the message, so that each worker and each step decides alike. Thread-safe.
 */
public final class MessageLog {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.message");

    /** Of a URL or a name of a task that nobody has checked. */
    private static final int MAX_CHARS = 2048;

    private final double share;

    /**
     * @param share of the messages that ended well, 0 to 1
     */
    public MessageLog(double share) {
        this.share = share;
    }

    /**
     * @param head of the result
     * @param failure of the callback, in one line; empty where the result was delivered
     */
    void finished(Message message, ObjectNode head, String failure) {
        boolean well = failure.isEmpty() && !head.has("error");
        if (!LOG.isInfoEnabled() || well && !isOfShare(message.whole().delivery())) {
            return;
        }
        ObjectNode line = ResultWriter.JSON.createObjectNode();
        line.put("time", Instant.now().toString());
        line.put("id", message.request().id());
        if (!message.delivery().trace().id().isEmpty()) {
            line.put("trace_id", message.delivery().trace().id());
        }
        line.put("receives", message.delivery().receiveCount());
        line.set("status", head.get("status"));
        line.put("url", shown(withoutQuery(message.request().url())));
        ArrayNode tasks = line.putArray("tasks");
        message.request().tasks().forEach(task -> tasks.add(shown(task)));
        if (head.has("error")) {
            line.set("error", head.get("error"));
        }
        line.put(
                "callback",
                message.hasCaller() ? "answered" : failure.isEmpty() ? "delivered" : "failed");
        if (!failure.isEmpty()) {
            line.put("callback_error", failure);
        }
        line.set("timings_ms", head.get("timings_ms"));
        LOG.info(ResultWriter.text(line));
    }

    /**
     * As OpenTelemetry's {@code traceidratio} chooses traces, so that of one share both have one.
     */
    private boolean isOfShare(Delivery delivery) {
        if (share >= 1) {
            return true;
        }
        String trace = delivery.trace().id();
        long random =
                trace.isEmpty()
                        ? hash(delivery.messageId())
                        : HexFormat.fromHexDigitsToLong(trace, trace.length() / 2, trace.length());
        return Math.abs(random) < (long) (share * Long.MAX_VALUE);
    }

    /** FNV-1a with the last step of MurmurHash3, since ids may differ in one character. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }

    private static String shown(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }

    static String withoutQuery(String url) {
        if (ObjectRef.isS3(url)) {
            return url;
        }
        int end = 0;
        while (end < url.length() && url.charAt(end) != '?' && url.charAt(end) != '#') {
            end++;
        }
        return url.substring(0, end);
    }
}
