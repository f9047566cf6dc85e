package dev.millrace.deadletters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sends dead letters back to the queue that they came from, so many a second, and then deletes them
 * where they were. In this order a message may be sent twice when the process is killed in between,
 * and is never lost.
 */
public final class Redrive extends Action {
    /**
     * Of several messages of a call together, as far as every server that speaks like SQS takes it.
     */
    private static final long MAX_BYTES = 256 << 10;

    /** Calls in a second, where a call need not be full for the rate. */
    private static final int CALLS = 10;

    private final Pacer pacer;
    private final int batch;

    /**
     * @param perSecond messages at most
     * @param written takes a line for each message that was sent, with its new id
     */
    public Redrive(Rule rule, int most, int perSecond, Consumer<ObjectNode> written) {
        super(rule, most, written);
        this.pacer = new Pacer(perSecond);
        this.batch = Math.clamp(perSecond / CALLS, 1, DeadLetterQueue.BATCH);
    }

    @Override
    int batch() {
        return batch;
    }

    @Override
    long maxBytes() {
        return MAX_BYTES;
    }

    @Override
    void carry(List<DeadLetter> letters, Pass pass) {
        if (pass.pause(pacer.reserve(letters.size(), System.nanoTime()))) {
            List<DeadLetter> sent = send(letters, pass);
            delete(sent, pass);
        }
    }

    private List<DeadLetter> send(List<DeadLetter> letters, Pass pass) {
        Map<Integer, String> ids = pass.queue().send(letters);
        List<DeadLetter> sent = new ArrayList<>();
        for (int i = 0; i < letters.size(); i++) {
            DeadLetter letter = letters.get(i);
            if (ids.containsKey(i)) {
                sent.add(letter);
                done(letter, line(letter, "sent_back").put("new_message_id", ids.get(i)));
            }
        }
        refused(letters.size() - sent.size());
        return sent;
    }
}
