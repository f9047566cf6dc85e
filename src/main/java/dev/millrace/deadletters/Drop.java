package dev.millrace.deadletters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;

/** Deletes dead letters for good. */
public final class Drop extends Action {
    /**
     * @param written takes a line for each message that was deleted
     */
    public Drop(Rule rule, int most, Consumer<ObjectNode> written) {
        super(rule, most, written);
    }

    @Override
    int batch() {
        return DeadLetterQueue.BATCH;
    }

    @Override
    long maxBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    void carry(List<DeadLetter> letters, Pass pass) {
        delete(letters, pass).forEach(letter -> done(letter, line(letter, "dropped")));
    }
}
