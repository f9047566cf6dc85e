package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.source.QueueSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Sends messages to the queue of this machine with a bare HTTP call in SQS's JSON protocol. The AWS
 * client takes several times the CPU for it, which the worker would miss.
 */
final class QueueWriter {
    /** Messages per call at most. */
    static final int BATCH = 10;

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final MediaType PROTOCOL = MediaType.get("application/x-amz-json-1.0");

    private final OkHttpClient http = new OkHttpClient();
    private final QueueSettings queue;

    QueueWriter(QueueSettings queue) {
        this.queue = queue;
    }

    /**
     * @param bodies 1 to {@value #BATCH}
     */
    void send(List<String> bodies) {
        ObjectNode call = JSON.createObjectNode();
        call.put("QueueUrl", queue.url());
        ArrayNode entries = call.putArray("Entries");
        for (String body : bodies) {
            entries.addObject()
                    .put("Id", Integer.toString(entries.size()))
                    .put("MessageBody", body);
        }
        Request request =
                new Request.Builder()
                        .url(queue.endpoint().orElseThrow().toString())
                        .header("X-Amz-Target", "AmazonSQS.SendMessageBatch")
                        .post(RequestBody.create(call.toString(), PROTOCOL))
                        .build();
        try (Response response = http.newCall(request).execute()) {
            String answer = response.body().string();
            if (!response.isSuccessful() || !answer.contains("\"Successful\"")) {
                throw new IllegalStateException(
                        "the queue of the bench took no messages: " + response.code());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the queue of the bench does not answer", e);
        }
    }
}
