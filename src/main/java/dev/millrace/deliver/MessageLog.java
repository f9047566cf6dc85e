package dev.millrace.deliver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Message;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line per finished message, to the logger {@code millrace.message}. Queries are cut from
 * URLs.
 */
final class MessageLog {
    private static final Logger LOG = LoggerFactory.getLogger("millrace.message");
    private final ResultWriter writer;

    MessageLog(ResultWriter writer) {
        this.writer = writer;
    }

    void finished(Message message, ObjectNode result, String callback) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        ObjectNode line = ResultWriter.JSON.createObjectNode();
        line.put("time", Instant.now().toString());
        line.put("id", message.request().id());
        line.put("receives", message.delivery().receiveCount());
        line.set("status", result.get("status"));
        line.put("url", withoutQuery(message.request().url()));
        ArrayNode tasks = line.putArray("tasks");
        message.request().tasks().forEach(tasks::add);
        if (result.has("error")) {
            line.set("error", result.get("error"));
        }
        line.put("callback", callback);
        line.set("timings_ms", result.get("timings_ms"));
        LOG.info(writer.text(line));
    }

    static String withoutQuery(String url) {
        int end = url.length();
        for (char mark : new char[] {'?', '#'}) {
            int at = url.indexOf(mark);
            end = at >= 0 && at < end ? at : end;
        }
        return url.substring(0, end);
    }
}
