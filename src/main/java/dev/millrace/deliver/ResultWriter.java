package dev.millrace.deliver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.api.ImageInfo;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.TaskResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Writes the result of a message as {@code docs/contract.md} and {@code result.schema.json}
 * describe it. Thread-safe.
 */
final class ResultWriter {
    /**
     * Its buffers are pooled for all threads: by default they are kept by thread, and each of ours
     * writes one message and ends.
     */
    static final ObjectMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                                    .build())
                    .build();

    ObjectNode result(Message message, long nowNs, long nowMs) {
        List<TaskResult> results = message.results();
        ObjectNode root = JSON.createObjectNode();
        root.put("id", message.request().id());
        root.put("status", status(results));
        root.put("url", message.request().url());
        message.image().ifPresent(image -> root.set("image", image(image)));
        ObjectNode byTask = root.putObject("results");
        for (TaskResult result : results) {
            byTask.set(result.task(), result(result));
        }
        results.stream()
                .flatMap(result -> result.failure().stream())
                .findFirst()
                .ifPresent(failure -> root.set("error", failure(failure)));
        root.set("timings_ms", timings(message, results, nowNs, nowMs));
        message.request().metadata().ifPresent(metadata -> root.set("metadata", metadata));
        return root;
    }

    byte[] bytes(ObjectNode result) {
        try {
            return JSON.writeValueAsBytes(result);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "a result could not be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** One line. */
    String text(ObjectNode line) {
        return new String(bytes(line), StandardCharsets.UTF_8);
    }

    /** What {@link #bytes} wrote. */
    ObjectNode read(byte[] body) {
        try {
            return (ObjectNode) JSON.readTree(body);
        } catch (IOException e) {
            throw new IllegalStateException("a result that was written cannot be read", e);
        }
    }

    private static String status(List<TaskResult> results) {
        long failed = results.stream().filter(result -> result.failure().isPresent()).count();
        return failed == 0 ? "ok" : failed == results.size() ? "error" : "partial";
    }

    private static ObjectNode image(ImageInfo image) {
        return JSON.createObjectNode()
                .put("width", image.width())
                .put("height", image.height())
                .put("format", image.format())
                .put("bytes", image.bytes());
    }

    private static ObjectNode result(TaskResult result) {
        ObjectNode node = JSON.createObjectNode();
        result.model()
                .ifPresent(
                        model -> node.put("model", model.name()).put("version", model.version()));
        result.verdict()
                .ifPresent(
                        verdict -> {
                            verdict.label().ifPresent(label -> node.put("label", label));
                            verdict.fields()
                                    .forEach(
                                            (name, value) ->
                                                    node.set(name, JSON.valueToTree(value)));
                        });
        result.failure().ifPresent(failure -> node.set("error", failure(failure)));
        return node;
    }

    private static ObjectNode failure(Failure failure) {
        return JSON.createObjectNode()
                .put("kind", failure.kind().wireName())
                .put("stage", failure.stage().wireName())
                .put("message", failure.message());
    }

    /** Of several tasks the slowest counts, step by step. */
    private static ObjectNode timings(
            Message message, List<TaskResult> results, long nowNs, long nowMs) {
        long totalNs = nowNs - message.delivery().receivedNs();
        ObjectNode node = JSON.createObjectNode();
        // Between two machines' clocks a message can seem to arrive before it was sent.
        node.put("queue", Math.max(0, nowMs - message.delivery().sentAtMs() - totalNs / 1_000_000));
        node.put("fetch", millis(message.fetchNs()));
        node.put("slot", slowest(results, TaskResult.Times::slotNs));
        node.put("decode", slowest(results, TaskResult.Times::decodeNs));
        node.put("wait", slowest(results, TaskResult.Times::waitNs));
        node.put("infer", slowest(results, TaskResult.Times::inferNs));
        node.put("postprocess", slowest(results, TaskResult.Times::postprocessNs));
        node.put("total", millis(totalNs));
        return node;
    }

    private static double slowest(List<TaskResult> results, ToLongFunction<TaskResult.Times> step) {
        return millis(results.stream().map(TaskResult::times).mapToLong(step).max().orElse(0));
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e4) / 1e2;
    }
}
