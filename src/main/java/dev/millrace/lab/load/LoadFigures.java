package dev.millrace.lab.load;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a server did in the time that was measured.
 *
 * @param seconds that it was measured for
 * @param sent requests that began in that time
 * @param completed good answers that came in that time, whenever their requests began
 * @param failures by what went wrong: a status other than 200 with the first answer that had it, or
 *     what happened to the connection
 * @param latencies of good answers to requests that began in that time, in nanoseconds from the
 *     moment at which each was due
 */
public record LoadFigures(
        double seconds,
        long sent,
        long completed,
        Map<String, Long> failures,
        Histogram latencies) {
    public double perSecond() {
        return completed / seconds;
    }

    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /** In milliseconds. */
    public double percentile(double percent) {
        return latencies.getValueAtPercentile(percent) / 1e6;
    }
}
