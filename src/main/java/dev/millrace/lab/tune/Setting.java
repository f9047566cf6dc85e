package dev.millrace.lab.tune;

import dev.millrace.config.WorkerConfig;
import dev.millrace.source.QueueSettings;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value for each of the four things that {@code tune} chooses.
 *
 * @param threads that decode and resize, per model
 * @param batch images per batch at most
 * @param lanes batches in flight per model
 * @param linger how long the oldest image waits for a fuller batch while the device is busy
 */
record Setting(int threads, int batch, int lanes, Duration linger) {
    /** Fewer threads, then fewer lanes, then less memory in batches, then less waiting. */
    static final Comparator<Setting> BY_COST =
            Comparator.comparingInt(Setting::threads)
                    .thenComparingInt(Setting::lanes)
                    .thenComparingInt(Setting::batch)
                    .thenComparing(Setting::linger);

    private static final Pattern FORM = Pattern.compile("(\\d{1,3})x(\\d{1,4})x(\\d)x(\\d{1,4})ms");

    /** Reads {@link #key}. Throws {@link IllegalArgumentException} where it is none. */
    static Setting parse(String key) {
        Matcher form = FORM.matcher(key.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + key
                            + "' is not a setting; write threads, batch, lanes and linger like"
                            + " 2x8x2x5ms");
        }
        return new Setting(
                Integer.parseInt(form.group(1)),
                Integer.parseInt(form.group(2)),
                Integer.parseInt(form.group(3)),
                Duration.ofMillis(Integer.parseInt(form.group(4))));
    }

    /** Short, for tables and the command line. */
    String key() {
        return threads + "x" + batch + "x" + lanes + "x" + linger.toMillis() + "ms";
    }

    /** For a sentence. */
    String words() {
        return count(threads, "preprocess thread")
                + ", batches of up to "
                + batch
                + ", "
                + count(lanes, "lane")
                + ", linger "
                + linger.toMillis()
                + " ms";
    }

    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    /** {@code base} with this setting for all of its models, on another queue. */
    WorkerConfig applied(WorkerConfig base, QueueSettings queue) {
        List<WorkerConfig.Model> models =
                base.models().stream()
                        .map(
                                model ->
                                        new WorkerConfig.Model(
                                                model.task(),
                                                model.bundle(),
                                                Optional.of(batch),
                                                linger))
                        .toList();
        return base.with(
                draft -> {
                    draft.queue = queue;
                    draft.device = base.device().withLanes(lanes);
                    draft.models = models;
                    draft.preprocess =
                            new WorkerConfig.Preprocess(threads, base.preprocess().decodeBytes());
                });
    }
}
