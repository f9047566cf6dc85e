package dev.millrace.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the callbacks that kills of a worker make come again: at each kill those messages that
 * were answered since the kill before it and that the queue still has. A message may thus count at
 * several kills, once at each; nothing else may be answered twice.
 */
final class AnsweredAtKills {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** For what the killed worker had sent already to arrive. */
    private static final int SETTLED_MS = 500;

    private final FaultyQueue queue;
    private final Ledger ledger;
    private final Map<String, String> idsByReceipt = new ConcurrentHashMap<>();
    private final Map<String, Integer> callbacksBefore = new HashMap<>();
    private int count;

    AnsweredAtKills(FaultyQueue queue, Ledger ledger) {
        this.queue = queue;
        this.ledger = ledger;
        queue.mangler = this::note;
    }

    private void note(ObjectNode message) {
        try {
            String id = JSON.readTree(message.path("Body").asText()).path("id").asText();
            idsByReceipt.put(message.path("ReceiptHandle").asText(), id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A worker was killed, and no other is there yet. */
    void killed() throws InterruptedException {
        Thread.sleep(SETTLED_MS);
        Set<String> deleted = new HashSet<>();
        queue.deletedReceipts.forEach(receipt -> deleted.add(idsByReceipt.get(receipt)));
        for (Map.Entry<String, List<Ledger.Callback>> entry : ledger.callbacks().entrySet()) {
            int now = entry.getValue().size();
            Integer before = callbacksBefore.put(entry.getKey(), now);
            if (now > (before == null ? 0 : before) && !deleted.contains(entry.getKey())) {
                count++;
            }
        }
    }

    int count() {
        return count;
    }
}
