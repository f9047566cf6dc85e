package dev.millrace.source;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often this process has received a message, for queues that do not say it, so that limits by
 * receives act at least here. Only the messages of late are known. Thread-safe.
 */
final class ReceiveCounts {
    static final int MAX_MESSAGES = 10_000;

    private final Map<String, Integer> counts = new LinkedHashMap<>(16, 0.75f, true);

    /** Counts a receipt; says the how manyth it is. */
    synchronized int received(String messageId) {
        int count = counts.merge(messageId, 1, Integer::sum);
        if (counts.size() > MAX_MESSAGES) {
            counts.remove(counts.keySet().iterator().next());
        }
        return count;
    }
}
