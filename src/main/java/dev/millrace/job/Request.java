package dev.millrace.job;

import java.util.List;
import java.util.Optional;

/**
 * What a message asks for; {@code docs/contract.md} describes it for senders.
 *
 * @param id the sender's id, or the queue's where the sender gave none
 * @param tasks at least one, without repeats
 * @param destination of the result; read and allowed together with the message, so that nobody
 *     reads it otherwise
 * @param metadata JSON as it was written, which goes into the result character by character
 * @param object in a bucket that the URL names, where it is a well written one of {@code s3://}
 */
public record Request(
        String id,
        String url,
        List<String> tasks,
        Destination destination,
        Optional<String> metadata,
        Optional<ObjectRef> object) {
    public Request {
        tasks = List.copyOf(tasks);
    }

    /** The object is what the URL says of it. */
    public Request(
            String id,
            String url,
            List<String> tasks,
            Destination destination,
            Optional<String> metadata) {
        this(id, url, tasks, destination, metadata, ObjectRef.in(url));
    }

    /** Bytes of heap that its texts take at most. */
    public long textBytes() {
        long chars = id.length() + url.length() + destination.chars();
        for (String task : tasks) {
            chars += task.length();
        }
        chars += object.map(ObjectRef::chars).orElse(0);
        return 2 * (chars + metadata.map(String::length).orElse(0));
    }
}
