package dev.millrace.deliver;

import dev.millrace.job.Message;
import dev.millrace.job.TraceParent;
import java.nio.charset.StandardCharsets;
import okhttp3.Headers;

/**
 * A result on its way to a queue or a topic.
 *
 * @param group of a FIFO destination: the queue's id of the message, so that none waits for another
 * @param marks what a callback has as headers
 * @param bytes as the service counts them
 * @param extraBytes of these, those of the marks
 */
record Marked(String group, String body, Headers marks, int bytes, int extraBytes) {
    /** What the names of FIFO queues and topics end with. */
    static final String FIFO = ".fifo";

    /** Of the attributes. */
    static final String TYPE = "String";

    static Marked of(Message message, byte[] body, WebhookSigner signer) {
        String id = message.delivery().messageId();
        Headers marks =
                message.calls()
                        .current()
                        .map(trace -> within(trace, signer.headers(id, body)))
                        .orElseGet(() -> signer.headers(id, body));
        int extra = 0;
        for (int i = 0; i < marks.size(); i++) {
            extra += marks.name(i).length() + TYPE.length() + marks.value(i).length();
        }
        String text = new String(body, StandardCharsets.UTF_8);
        return new Marked(id, text, marks, body.length + extra, extra);
    }

    private static Headers within(TraceParent trace, Headers marks) {
        Headers.Builder all = marks.newBuilder();
        trace.addTo(all::add);
        return all.build();
    }

    /** The same for all attempts and copies of a message. */
    String id() {
        return marks.get(WebhookSigner.ID);
    }
}
