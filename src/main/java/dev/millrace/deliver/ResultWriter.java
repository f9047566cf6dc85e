package dev.millrace.deliver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.api.ImageInfo;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.TaskResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Writes the result of a message as {@code docs/contract.md} and {@code result.schema.json}
 * describe it. A verdict that cannot be written is the failure of its task, and the result says so.
 * Thread-safe.
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
                    .disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
                    .build();

    /** A node in one line; its own {@code toString} has no pooled buffers. */
    static String text(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (IOException e) {
            throw new UncheckedIOException("a node could not be written as JSON", e);
        }
    }

    /** The result of a message that was just finished. */
    Result result(Message message, long nowNs, long nowMs) {
        return written(
                message,
                nowNs,
                nowMs,
                (results, head) -> body(message, results, head, message.request().metadata()));
    }

    /** The same of a message with one task, and of it only what the result has under the task. */
    Result verdict(Message message, long nowNs, long nowMs) {
        return written(message, nowNs, nowMs, (results, _) -> verdict(results.getFirst()));
    }

    private interface Body {
        byte[] of(List<TaskResult> results, ObjectNode head) throws UnwritableVerdictException;
    }

    private static Result written(Message message, long nowNs, long nowMs, Body body) {
        List<TaskResult> results = new ArrayList<>(message.results());
        // Each round takes one verdict out of the way.
        for (int round = 0; round <= results.size(); round++) {
            ObjectNode head = head(message, results, nowNs, nowMs);
            try {
                return new Result(body.of(results, head), head, failures(results));
            } catch (UnwritableVerdictException e) {
                results.set(e.task(), withoutVerdict(results.get(e.task()), e.failure()));
            }
        }
        throw new IllegalStateException("a result without verdicts could not be written");
    }

    private static byte[] verdict(TaskResult result) throws UnwritableVerdictException {
        BoundedBytes bytes = new BoundedBytes();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            write(json, bytes, 0, result);
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a verdict could not be written as JSON", e);
        }
        return bytes.toByteArray();
    }

    /**
     * What is said in the place of a result that its destination does not take: each task has this
     * failure. The metadata is left out where it would be too much by itself.
     */
    Result instead(Message message, Failure failure, int limit) {
        List<TaskResult> results =
                message.request().tasks().stream()
                        .map(task -> TaskResult.failed(task, failure))
                        .toList();
        ObjectNode head = head(message, results, System.nanoTime(), System.currentTimeMillis());
        try {
            byte[] body = body(message, results, head, message.request().metadata());
            return new Result(
                    body.length <= limit ? body : body(message, results, head, Optional.empty()),
                    head,
                    failures(results));
        } catch (UnwritableVerdictException e) {
            throw new IllegalStateException("a result without verdicts could not be written", e);
        }
    }

    private static TaskResult withoutVerdict(TaskResult result, Failure failure) {
        return new TaskResult(
                result.task(),
                result.model(),
                Optional.empty(),
                Optional.of(failure),
                result.times());
    }

    private static List<Failure> failures(List<TaskResult> results) {
        return results.stream().flatMap(result -> result.failure().stream()).toList();
    }

    /** What the log says of a result too. */
    private static ObjectNode head(
            Message message, List<TaskResult> results, long nowNs, long nowMs) {
        ObjectNode head = JSON.createObjectNode();
        head.put("status", status(results));
        failures(results).stream()
                .findFirst()
                .ifPresent(failure -> head.set("error", failure(failure)));
        head.set("timings_ms", timings(message, results, nowNs, nowMs));
        return head;
    }

    private static byte[] body(
            Message message, List<TaskResult> results, ObjectNode head, Optional<String> metadata)
            throws UnwritableVerdictException {
        BoundedBytes bytes = new BoundedBytes();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("id", message.request().id());
            json.writeStringField("status", head.path("status").textValue());
            json.writeStringField("url", message.request().url());
            if (message.image().isPresent()) {
                json.writePOJOField("image", image(message.image().get()));
            }
            json.writeObjectFieldStart("results");
            for (int task = 0; task < results.size(); task++) {
                json.writeFieldName(results.get(task).task());
                write(json, bytes, task, results.get(task));
            }
            json.writeEndObject();
            if (head.has("error")) {
                json.writePOJOField("error", head.get("error"));
            }
            json.writePOJOField("timings_ms", head.get("timings_ms"));
            if (metadata.isPresent()) {
                json.writeFieldName("metadata");
                // The parser has checked that it is JSON; to read it again would cost its digits.
                json.writeRawValue(metadata.get());
            }
            json.writeEndObject();
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a result could not be written as JSON", e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, BoundedBytes bytes, int task, TaskResult result)
            throws IOException, UnwritableVerdictException {
        json.writeStartObject();
        if (result.verdict().isPresent()) {
            new VerdictWriter(json, bytes).write(task, result);
        } else if (result.model().isPresent()) {
            json.writeStringField("model", result.model().get().name());
            json.writeStringField("version", result.model().get().version());
        }
        if (result.failure().isPresent()) {
            json.writePOJOField("error", failure(result.failure().get()));
        }
        json.writeEndObject();
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
        message.delivery()
                .queuedMs(nowMs - totalNs / 1_000_000)
                .ifPresent(queued -> node.put("queue", queued));
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
