package dev.millrace.observe.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.LastErrors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Each kind of error that there was since the worker started: how often, and the last one. */
final class Errors {
    private Errors() {}

    /**
     * @param count that ended something: a task, a message, a call of the queue
     * @param triedAgain after which there was another try
     */
    private record Kind(String name, long count, long triedAgain, Optional<LastErrors.Last> last) {
        long atMs() {
            return last.map(LastErrors.Last::atMs).orElse(0L);
        }
    }

    /** Adds them, the latest first. */
    static void write(Counters counters, ArrayNode to) {
        List<Kind> kinds = new ArrayList<>();
        for (Failure.Kind kind : Failure.Kind.values()) {
            add(kinds, counters, kind.wireName(), counters.get(kind), counters.triedAgain(kind));
        }
        add(kinds, counters, LastErrors.MALFORMED, counters.get(Counter.MALFORMED), 0);
        add(kinds, counters, LastErrors.RECEIVE, 0, counters.get(Counter.RECEIVE_ERRORS));
        add(kinds, counters, LastErrors.ACKNOWLEDGE, 0, counters.get(Counter.ACKNOWLEDGE_ERRORS));
        kinds.sort(Comparator.comparingLong(Kind::atMs).reversed());
        kinds.forEach(kind -> write(kind, to.addObject()));
    }

    private static void add(
            List<Kind> kinds, Counters counters, String name, long count, long triedAgain) {
        if (count + triedAgain > 0) {
            kinds.add(new Kind(name, count, triedAgain, counters.lastErrors().of(name)));
        }
    }

    private static void write(Kind kind, ObjectNode node) {
        node.put("kind", kind.name());
        node.put("count", kind.count());
        node.put("tried_again", kind.triedAgain());
        kind.last()
                .ifPresent(
                        last ->
                                node.putObject("last")
                                        .put("time", Instant.ofEpochMilli(last.atMs()).toString())
                                        .put("host", Shown.host(last.where()))
                                        .put("message", Shown.line(last.line())));
    }
}
