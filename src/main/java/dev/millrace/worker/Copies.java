package dev.millrace.worker;

import dev.millrace.job.Message;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * Messages that the queue delivered again while the worker still has the first copy. They wait for
 * it: to compute both would give one job two results. Thread-safe.
 */
final class Copies {
    private final Map<String, Queue<Message>> inHand = new HashMap<>();

    /** Says whether the worker has no other copy, so that this one is to be worked on. */
    synchronized boolean isFirst(Message message) {
        Queue<Message> waiting = inHand.get(message.delivery().messageId());
        if (waiting == null) {
            inHand.put(message.delivery().messageId(), new ArrayDeque<>());
            return true;
        }
        waiting.add(message);
        return false;
    }

    /** A message is settled: gives the copy, if one waits, whose turn it is now. */
    synchronized Optional<Message> settled(Message message) {
        String id = message.delivery().messageId();
        Queue<Message> waiting = inHand.get(id);
        if (waiting == null || waiting.remove(message)) {
            // A copy that was given back while it waited.
            return Optional.empty();
        }
        Message next = waiting.poll();
        if (next == null) {
            inHand.remove(id);
        }
        return Optional.ofNullable(next);
    }
}
