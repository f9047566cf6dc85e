package dev.millrace.observe.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.LastErrors;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
        /** The time since the last one, in nanoseconds. */
        long ageNs(long nowNs) {
            return last.map(one -> nowNs - one.atNs()).orElse(Long.MAX_VALUE);
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
        long nowNs = System.nanoTime();
        kinds.sort(Comparator.comparingLong(kind -> kind.ageNs(nowNs)));
        kinds.forEach(kind -> write(kind, nowNs, to.addObject()));
    }

    private static void add(
            List<Kind> kinds, Counters counters, String name, long count, long triedAgain) {
        if (count + triedAgain > 0) {
            kinds.add(new Kind(name, count, triedAgain, counters.lastErrors().of(name)));
        }
    }

    private static void write(Kind kind, long nowNs, ObjectNode node) {
        node.put("kind", kind.name());
        node.put("count", kind.count());
        node.put("tried_again", kind.triedAgain());
        kind.last()
                .ifPresent(
                        last ->
                                node.putObject("last")
                                        .put("time", time(kind.ageNs(nowNs)))
                                        .put("host", Shown.host(last.where()))
                                        .put("message", Shown.line(last.line())));
    }

    private static String time(long ageNs) {
        return Instant.now().minusNanos(ageNs).truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
