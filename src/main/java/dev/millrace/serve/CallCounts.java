package dev.millrace.serve;

import dev.millrace.job.Durations;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How callers' requests ended, and how long they took. Thread-safe. */
public final class CallCounts {
    /** All that there are. */
    public static final List<Integer> STATUSES =
            List.of(200, 304, 400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 502, 503, 504);

    private final Map<Integer, LongAdder> answers =
            STATUSES.stream().collect(Collectors.toMap(Function.identity(), _ -> new LongAdder()));

    private final LongAdder broken = new LongAdder();
    private final Durations times = Durations.ofStage();

    void answered(int status, long nanos) {
        answers.get(status).increment();
        times.add(nanos);
    }

    void broken() {
        broken.increment();
    }

    /** So far, with this status. */
    public long answered(int status) {
        return answers.get(status).sum();
    }

    /** Requests that broke off, or whose caller had gone. */
    public long brokenOff() {
        return broken.sum();
    }

    /** From the complete head of a request to its answer. */
    public Durations times() {
        return times;
    }
}
