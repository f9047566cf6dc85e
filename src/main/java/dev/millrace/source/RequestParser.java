package dev.millrace.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.job.FailureException;
import dev.millrace.job.Request;
import dev.millrace.net.UrlPolicy;
import dev.millrace.resource.SafeText;
import dev.millrace.source.RequestFields.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a request of Millrace's own. Whoever can write to the queue is only half trusted: size,
 * depth, numbers and counts are bounded before anything is built from them, and whatever is thrown
 * over a body says that it is no request.
 */
public final class RequestParser {
    /** What SQS takes. */
    static final int MAX_BODY_BYTES = 1 << 20;

    private static final int MAX_TASKS = 16;
    private static final int MAX_ID = 256;
    private static final int MAX_REASON = 160;

    private RequestParser() {}

    /**
     * Reads a request; {@code docs/contract.md} describes it.
     *
     * @param messageId the request's id where the body gives none
     * @param destinations where its result may go
     * @throws MalformedRequestException with one line when the body is no request
     * @throws FailureException when nobody may be told of the result
     */
    public static Request parse(String body, String messageId, Destinations destinations)
            throws MalformedRequestException, FailureException {
        RequestFields fields = fields(body, RequestFields.OF_BODY);
        return request(fields, messageId, destinations, RequestDefaults.NONE);
    }

    /** The same where results go to callbacks alone. */
    public static Request parse(String body, String messageId, UrlPolicy callbacks)
            throws MalformedRequestException, FailureException {
        return parse(body, messageId, Destinations.callbacks(callbacks));
    }

    /** The same of a body that is read, and with what the configuration has for it. */
    static Request request(
            RequestFields fields,
            String messageId,
            Destinations destinations,
            RequestDefaults defaults)
            throws MalformedRequestException, FailureException {
        Value callback = fields.get("callback_url");
        Value results = fields.get("results");
        Value metadata = fields.get("metadata");
        return new Request(
                id(fields.get("id"), messageId),
                text("url", fields.get("url")),
                tasks(fields, defaults),
                destinations.of(
                        callback.isAbsent()
                                ? Optional.empty()
                                : Optional.of(text("callback_url", callback)),
                        results,
                        fields.asWritten(results)),
                metadata.isAbsent()
                        ? defaults.metadata()
                        : Optional.of(fields.asWritten(metadata)));
    }

    /**
     * The fields of a body, of whatever format.
     *
     * @param known names of those that are kept
     */
    static RequestFields fields(String body, Set<String> known) throws MalformedRequestException {
        if (body == null) {
            throw new MalformedRequestException("the body is empty; a request is a JSON object");
        }
        requireSize(body);
        try {
            return RequestFields.of(body, known);
        } catch (JsonProcessingException e) {
            throw notJson(e.getOriginalMessage());
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // No bug of a parser is worth a receiver.
            throw notJson(String.valueOf(e.getMessage()));
        }
    }

    private static MalformedRequestException notJson(String why) {
        return new MalformedRequestException("the body is not JSON: " + shown(why));
    }

    /** By its length in UTF-8, as the queue counts; it is not copied for that. */
    private static void requireSize(String body) throws MalformedRequestException {
        int bytes = body.length();
        for (int i = 0; i < body.length(); i++) {
            char c = body.charAt(i);
            if (c >= 0x80) {
                bytes++;
            }
            if (c >= 0x800 && !Character.isSurrogate(c)) {
                bytes++;
            }
        }
        if (bytes > MAX_BODY_BYTES) {
            throw new MalformedRequestException(
                    "the body has " + bytes + " bytes; send at most " + MAX_BODY_BYTES + " bytes");
        }
        if (hasHalfPair(body)) {
            throw new MalformedRequestException(
                    "the body contains half of a surrogate pair; send whole characters");
        }
    }

    /** Such a text cannot be written as UTF-8, so nobody could be answered with it. */
    private static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length()
                        || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    private static String id(Value value, String messageId) throws MalformedRequestException {
        if (value.isAbsent()) {
            return messageId;
        }
        String id = text("id", value);
        if (id.length() > MAX_ID) {
            throw new MalformedRequestException(
                    "id has "
                            + id.length()
                            + " characters; give at most "
                            + MAX_ID
                            + " characters");
        }
        // It goes into log lines and headers.
        if (id.chars().anyMatch(Character::isISOControl)) {
            throw new MalformedRequestException("id contains control characters; remove them");
        }
        return id;
    }

    private static List<String> tasks(RequestFields fields, RequestDefaults defaults)
            throws MalformedRequestException {
        Value one = fields.get("task");
        Value many = fields.get("tasks");
        if (one.isAbsent() && many.isAbsent()) {
            if (defaults.tasks().isEmpty()) {
                throw new MalformedRequestException(
                        "task is missing; give task or tasks" + RequestDefaults.OR_TASKS);
            }
            return defaults.tasks();
        }
        if (!one.isAbsent() && !many.isAbsent()) {
            throw new MalformedRequestException("both task and tasks are given; give one of them");
        }
        return many.isAbsent() ? List.of(text("task", one)) : list(many);
    }

    private static List<String> list(Value many) throws MalformedRequestException {
        if (!many.isList()) {
            throw new MalformedRequestException("tasks is " + many.kindInWords() + "; give a list");
        }
        if (many.size() == 0 || many.size() > MAX_TASKS) {
            throw new MalformedRequestException(
                    "tasks has " + many.size() + " entries; give 1 to " + MAX_TASKS);
        }
        List<String> tasks = new ArrayList<>(many.size());
        for (Value entry : many.entries()) {
            String task = text("tasks[" + tasks.size() + "]", entry);
            if (tasks.contains(task)) {
                throw new MalformedRequestException(
                        "tasks names '" + shown(task) + "' twice; name it once");
            }
            tasks.add(task);
        }
        return tasks;
    }

    /** The text of a field that is to be one. */
    static String text(String name, Value value) throws MalformedRequestException {
        if (value.isAbsent()) {
            throw new MalformedRequestException(name + " is missing; give it");
        }
        if (!value.isText()) {
            throw new MalformedRequestException(
                    name + " is " + value.kindInWords() + "; give a string");
        }
        if (value.text().isBlank()) {
            throw new MalformedRequestException(name + " is empty; give it a value");
        }
        // As an escape it is plain text in the body.
        if (hasHalfPair(value.text())) {
            throw new MalformedRequestException(
                    name + " contains half of a surrogate pair; send whole characters");
        }
        return value.text();
    }

    /** On one line, and not longer than a line. */
    static String shown(String text) {
        String line = SafeText.line(text.lines().findFirst().orElse(""));
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "…";
    }
}
