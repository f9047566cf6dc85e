package dev.millrace.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.job.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the body of a message. Whoever can write to the queue is only half trusted: size, depth and
 * counts are bounded before anything is built from them.
 */
public final class RequestParser {
    private static final int MAX_BODY_BYTES = 256 << 10;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_TASKS = 16;
    private static final int MAX_ID = 256;
    private static final int MAX_REASON = 160;

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxStringLength(MAX_BODY_BYTES)
                                                    .maxDocumentLength(MAX_BODY_BYTES)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    // Metadata goes back to the sender digit by digit.
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private RequestParser() {}

    /**
     * Reads a request; {@code docs/contract.md} describes it.
     *
     * @param messageId the request's id where the body gives none
     * @throws MalformedRequestException with one line when the body is no request
     */
    public static Request parse(String body, String messageId) throws MalformedRequestException {
        JsonNode root = read(body);
        if (root.path("Event").asText().equals("s3:TestEvent")) {
            throw new MalformedRequestException(
                    "a test event of S3, which a bucket sends when its notifications are set up");
        }
        return new Request(
                id(root, messageId),
                requiredText(root, "url"),
                tasks(root),
                requiredText(root, "callback_url"),
                Optional.ofNullable(root.get("metadata")).filter(node -> !node.isNull()));
    }

    private static JsonNode read(String body) throws MalformedRequestException {
        int bytes = body.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BODY_BYTES) {
            throw new MalformedRequestException(
                    "the body has " + bytes + " bytes; at most " + MAX_BODY_BYTES + " are read");
        }
        try {
            JsonNode root = JSON.readTree(body);
            if (!root.isObject()) {
                throw new MalformedRequestException(
                        "the body is " + kind(root) + "; a request is a JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new MalformedRequestException("the body is not JSON: " + reason(e));
        }
    }

    private static String id(JsonNode root, String messageId) throws MalformedRequestException {
        JsonNode node = root.path("id");
        if (isAbsent(node)) {
            return messageId;
        }
        String id = text("id", node);
        if (id.length() > MAX_ID) {
            throw new MalformedRequestException(
                    "id has " + id.length() + " characters; at most " + MAX_ID + " are allowed");
        }
        // It goes into log lines and headers.
        if (id.chars().anyMatch(Character::isISOControl)) {
            throw new MalformedRequestException("id has control characters");
        }
        return id;
    }

    private static List<String> tasks(JsonNode root) throws MalformedRequestException {
        JsonNode one = root.path("task");
        JsonNode many = root.path("tasks");
        if (isAbsent(one) == isAbsent(many)) {
            throw new MalformedRequestException(
                    isAbsent(one)
                            ? "task is missing; give task or tasks"
                            : "both task and tasks are given; give one of them");
        }
        return isAbsent(many) ? List.of(text("task", one)) : list(many);
    }

    private static List<String> list(JsonNode many) throws MalformedRequestException {
        if (!many.isArray()) {
            throw new MalformedRequestException("tasks is " + kind(many) + "; give a list");
        }
        if (many.isEmpty() || many.size() > MAX_TASKS) {
            throw new MalformedRequestException(
                    "tasks has " + many.size() + " entries; give 1 to " + MAX_TASKS);
        }
        List<String> tasks = new ArrayList<>(many.size());
        for (JsonNode node : many) {
            String task = text("tasks[" + tasks.size() + "]", node);
            if (tasks.contains(task)) {
                throw new MalformedRequestException("tasks names '" + shown(task) + "' twice");
            }
            tasks.add(task);
        }
        return tasks;
    }

    private static String requiredText(JsonNode root, String name)
            throws MalformedRequestException {
        JsonNode node = root.path(name);
        if (isAbsent(node)) {
            throw new MalformedRequestException(name + " is missing");
        }
        return text(name, node);
    }

    private static String text(String name, JsonNode node) throws MalformedRequestException {
        if (!node.isTextual()) {
            throw new MalformedRequestException(name + " is " + kind(node) + "; give a string");
        }
        if (node.textValue().isBlank()) {
            throw new MalformedRequestException(name + " is empty");
        }
        return node.textValue();
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case NULL -> "null";
            case MISSING -> "empty";
            case BINARY, POJO -> "no JSON value";
        };
    }

    private static String reason(JsonProcessingException failure) {
        return shown(failure.getOriginalMessage());
    }

    /** On one line, and not longer than a line. */
    private static String shown(String text) {
        String line = text.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "…";
    }
}
