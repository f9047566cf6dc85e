package dev.millrace.deliver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line per finished message, to the logger {@code millrace.message}. Queries are cut from
 * URLs.
 */
final class MessageLog {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.message");

    /** Of a URL or a name of a task that nobody has checked. */
    private static final int MAX_CHARS = 2048;

    /**
     * @param head of the result
     * @param failure of the callback, in one line; empty where the result was delivered
     */
    void finished(Message message, ObjectNode head, String failure) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        ObjectNode line = ResultWriter.JSON.createObjectNode();
        line.put("time", Instant.now().toString());
        line.put("id", message.request().id());
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
        LOG.info(line.toString());
    }

    private static String shown(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }

    static String withoutQuery(String url) {
        return ObjectRef.isS3(url) ? url : url.split("[?#]", 2)[0];
    }
}
