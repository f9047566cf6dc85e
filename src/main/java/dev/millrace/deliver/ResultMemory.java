package dev.millrace.deliver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The results of the last messages, by the queue's id, within a bound of bytes; the oldest go
 * first. Thread-safe.
 */
final class ResultMemory {
    private final long maxBytes;
    private final Map<String, byte[]> bodies = new LinkedHashMap<>();
    private long bytes;

    ResultMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    synchronized void put(String messageId, byte[] body) {
        forget(messageId);
        bodies.put(messageId, body);
        bytes += body.length;
        while (bytes > maxBytes) {
            forget(bodies.keySet().iterator().next());
        }
    }

    private void forget(String messageId) {
        byte[] body = bodies.remove(messageId);
        if (body != null) {
            bytes -= body.length;
        }
    }

    synchronized Optional<byte[]> get(String messageId) {
        return Optional.ofNullable(bodies.get(messageId));
    }
}
