package dev.millrace.deliver;

import dev.millrace.job.Message;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * Sees to it that a message of the queue has one result, however often the queue delivers it: to
 * compute it twice could give one job two results. One copy is worked on at a time, and those that
 * arrive meanwhile wait until it is settled. The result is kept, whether or not its callback and
 * the deletion succeed, and every later copy is answered with the same bytes.
 *
 * <p>The promise holds by the queue's id of the message, in this process, and as long as the result
 * is kept: results are forgotten oldest first when all together take more than a bound of bytes.
 * Thread-safe.
 */
public final class MessageDeduplicator {
    private static final long MAX_BYTES = 16L << 20;

    /** With a bit for each image of each: 2 MB where all have a thousand. */
    private static final int MAX_MESSAGES = 1 << 12;

    private final long maxBytes;
    private final Map<String, Queue<Message>> inHand = new HashMap<>();
    private final Map<String, byte[]> results = new LinkedHashMap<>();
    // By message, the one that was asked for last at the end; the images by their position.
    private final Map<String, BitSet> delivered = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    public MessageDeduplicator() {
        this(MAX_BYTES);
    }

    /**
     * @param maxBytes of all results that are kept
     */
    MessageDeduplicator(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Says whether no other copy is in hand, so that this one is to be worked on; else it waits.
     */
    public synchronized boolean begin(Message message) {
        Queue<Message> waiting = inHand.get(id(message));
        if (waiting == null) {
            inHand.put(id(message), new ArrayDeque<>());
            return true;
        }
        waiting.add(message);
        return false;
    }

    /** A message is settled: gives the copy, if one waits, whose turn it is now. */
    public synchronized Optional<Message> settled(Message message) {
        Queue<Message> waiting = inHand.get(id(message));
        if (waiting == null || waiting.remove(message)) {
            // A copy that was given back while it waited.
            return Optional.empty();
        }
        Message next = waiting.poll();
        if (next == null) {
            inHand.remove(id(message));
        }
        return Optional.ofNullable(next);
    }

    /** Keeps the result of a message, as it is posted. */
    synchronized void keep(Message message, byte[] result) {
        forget(id(message));
        results.put(id(message), result);
        bytes += result.length;
        while (bytes > maxBytes) {
            forget(results.keySet().iterator().next());
        }
    }

    /**
     * One image of several was delivered: its message may come again for another one's sake, and
     * then nothing is said for this one. Its result is needed no more.
     */
    public synchronized void delivered(Message image) {
        forget(id(image));
        delivered.computeIfAbsent(id(image.whole()), _ -> new BitSet()).set(image.position());
        if (delivered.size() > MAX_MESSAGES) {
            delivered.remove(delivered.keySet().iterator().next());
        }
    }

    /** Whether this is an image of several that was delivered at an earlier receipt. */
    public synchronized boolean wasDelivered(Message image) {
        BitSet images = delivered.get(id(image.whole()));
        return images != null && images.get(image.position());
    }

    private void forget(String id) {
        byte[] result = results.remove(id);
        if (result != null) {
            bytes -= result.length;
        }
    }

    /** The result that a copy of this message has had already. */
    synchronized Optional<byte[]> result(Message message) {
        return Optional.ofNullable(results.get(id(message)));
    }

    private static String id(Message message) {
        return message.delivery().messageId();
    }
}
