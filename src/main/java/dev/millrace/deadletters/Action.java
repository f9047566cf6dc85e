package dev.millrace.deadletters;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Does something with the dead letters that fit a rule, ten at a time, and counts what became of
 * them. Called by several threads.
 */
public abstract class Action implements Pass.Taker {
    /** A failed delete may have deleted, and is harmless. */
    private static final int DELETES = 3;

    private final Rule rule;
    private final Consumer<ObjectNode> written;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private int left;
    private int refused;
    private int kept;

    /**
     * @param most messages at most
     * @param written takes a line for each message that is done
     */
    Action(Rule rule, int most, Consumer<ObjectNode> written) {
        this.rule = rule;
        this.left = most;
        this.written = written;
    }

    @Override
    public final void take(List<DeadLetter> page, Pass pass) {
        List<DeadLetter> letters = claim(page);
        for (int from = 0; from < letters.size() && !pass.isStopped(); ) {
            int to = from + 1;
            long bytes = letters.get(from).bytes();
            while (to < letters.size()
                    && to - from < batch()
                    && (bytes += letters.get(to).bytes()) <= maxBytes()) {
                to++;
            }
            carry(letters.subList(from, to), pass);
            from = to;
        }
        if (isFull()) {
            pass.enough();
        }
    }

    /** Those that fit, as many as may still be done. */
    private synchronized List<DeadLetter> claim(List<DeadLetter> page) {
        List<DeadLetter> letters = page.stream().filter(rule::fits).limit(left).toList();
        left -= letters.size();
        return letters;
    }

    private synchronized boolean isFull() {
        return left == 0;
    }

    /** Messages in a call at most. */
    abstract int batch();

    /** Bytes in a call at most. */
    abstract long maxBytes();

    /** Does it with a batch. */
    abstract void carry(List<DeadLetter> batch, Pass pass);

    /**
     * Deletes messages for good, and tries again where the queue refuses one; says which it did.
     */
    final List<DeadLetter> delete(List<DeadLetter> batch, Pass pass) {
        List<DeadLetter> gone = new ArrayList<>();
        List<DeadLetter> rest = new ArrayList<>(batch);
        for (int attempt = 1; attempt <= DELETES && !rest.isEmpty(); attempt++) {
            try {
                List<DeadLetter> deleted = pass.queue().delete(rest);
                gone.addAll(deleted);
                rest.removeAll(deleted);
            } catch (SdkException e) {
                if (attempt == DELETES) {
                    count(rest);
                    pass.forget(batch);
                    throw e;
                }
            }
        }
        count(rest);
        // Those that are left, too: visible at once, they would be done twice.
        pass.forget(batch);
        return gone;
    }

    private synchronized void count(List<DeadLetter> undeleted) {
        kept += undeleted.size();
    }

    final synchronized void done(DeadLetter letter, ObjectNode line) {
        kinds.merge(letter.word().kind(), 1, Integer::sum);
        written.accept(line);
    }

    static ObjectNode line(DeadLetter letter, String what) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("action", what)
                .put("message_id", letter.id())
                .put("kind", letter.word().kind())
                .put("host", letter.word().host());
    }

    final synchronized void refused(int messages) {
        refused += messages;
    }

    /** How many were done, by kind. */
    public synchronized Map<String, Integer> kinds() {
        return new TreeMap<>(kinds);
    }

    /** How many were done. */
    public synchronized int done() {
        return kinds.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many the source queue did not take; they are still dead letters. */
    public synchronized int refused() {
        return refused;
    }

    /** How many could not be deleted, and are still there. */
    public synchronized int kept() {
        return kept;
    }
}
