package dev.millrace.deliver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

/**
 * A result as it is posted, and what the log says of it.
 *
 * @param head status, error and timings
 * @param failures of the tasks; none where the result was kept from an earlier receipt, when they
 *     were counted
 */
record Result(byte[] body, ObjectNode head, List<Failure> failures) {
    private static final Set<String> HEAD = Set.of("status", "error", "timings_ms");

    /**
     * What {@link ResultWriter} wrote. Verdicts and metadata are skipped: as a tree they could be
     * many times as large.
     */
    static Result kept(byte[] body) {
        ObjectNode head = ResultWriter.JSON.createObjectNode();
        try (JsonParser json = ResultWriter.JSON.createParser(body)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (HEAD.contains(name)) {
                    head.set(name, json.readValueAsTree());
                } else {
                    json.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a result that was written cannot be read", e);
        }
        return new Result(body, head, List.of());
    }
}
