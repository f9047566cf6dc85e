package dev.millrace.worker;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the worker did between two {@link Snapshot}s: which stage was how busy, and which one
 * limits.
 *
 * @param images messages whose outcome the queue has taken
 * @param cpuMsPerImage of the whole process
 * @param cpuShare of all cores, 0 to 1
 * @param meanBatch rows per batch over all models
 * @param permitsTaken whether every message that may be in flight is, at the end
 * @param stages by name, in the order of the path
 */
public record Load(
        double elapsedSeconds,
        long images,
        double cpuMsPerImage,
        double cpuShare,
        double meanBatch,
        boolean permitsTaken,
        Map<String, StageLoad> stages) {

    /** Below this no stage is the limit. */
    private static final double BUSY = 0.5;

    /**
     * @param busy share of the stage's threads, or of the device, that worked; for fetch and
     *     callback, which are waiting rather than work, 0
     * @param msPerImage time that one image took in the stage
     */
    public record StageLoad(double busy, double msPerImage) {}

    static Load between(Snapshot from, Snapshot to) {
        double elapsedNs = Math.max(1, to.nowNs() - from.nowNs());
        Map<String, StageLoad> stages = new LinkedHashMap<>();
        to.stages()
                .forEach(
                        (name, stage) -> {
                            Snapshot.StageWork before =
                                    from.stages().getOrDefault(name, Snapshot.StageWork.NONE);
                            long busyNs = stage.busyNs() - before.busyNs();
                            long items = Math.max(1, stage.items() - before.items());
                            double busy =
                                    stage.threads() == 0
                                            ? 0
                                            : busyNs / (elapsedNs * stage.threads());
                            stages.put(
                                    name, new StageLoad(Math.min(1, busy), busyNs / 1e6 / items));
                        });
        long images = to.images() - from.images();
        double cpuNs = to.cpuNs() - from.cpuNs();
        long batches = Math.max(1, to.batches() - from.batches());
        return new Load(
                elapsedNs / 1e9,
                images,
                cpuNs / 1e6 / Math.max(1, images),
                cpuNs / (elapsedNs * Runtime.getRuntime().availableProcessors()),
                (double) (to.rows() - from.rows()) / batches,
                to.inFlight() >= to.limit(),
                stages);
    }

    public double imagesPerSecond() {
        return images / elapsedSeconds;
    }

    /**
     * The busiest stage; where none was busy, {@code admission} if all permits are taken, so that
     * the waits of the messages in flight are the limit, else {@code arrivals}.
     */
    public String limitedBy() {
        return stages.entrySet().stream()
                .filter(stage -> stage.getValue().busy() >= BUSY)
                .max(Comparator.comparingDouble(stage -> stage.getValue().busy()))
                .map(Map.Entry::getKey)
                .orElse(permitsTaken ? "admission" : "arrivals");
    }

    /** One sentence for a person. */
    public String limitSentence() {
        String stage = limitedBy();
        if (!stages.containsKey(stage)) {
            return String.format(
                    Locale.ROOT,
                    permitsTaken
                            ? "limited by: admission, all permits are taken and no stage was busy"
                                    + " (CPU %.0f %%); raise admission.messages"
                            : "limited by: arrivals, no stage was busy (CPU %.0f %%)",
                    100 * cpuShare);
        }
        return String.format(
                Locale.ROOT,
                "limited by: %s (busy %.0f %%, CPU %.0f %%)",
                stage,
                100 * stages.get(stage).busy(),
                100 * cpuShare);
    }
}
