package dev.millrace.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * What a message asks for; {@code docs/contract.md} describes it for senders.
 *
 * @param id the sender's id, or the queue's where the sender gave none
 * @param tasks at least one, without repeats
 * @param metadata handed through to the result untouched
 */
public record Request(
        String id,
        String url,
        List<String> tasks,
        String callbackUrl,
        Optional<JsonNode> metadata) {
    public Request {
        tasks = List.copyOf(tasks);
    }
}
