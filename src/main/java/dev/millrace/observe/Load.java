package dev.millrace.observe;

import dev.millrace.infer.BatchStats;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What the worker did between two {@link Snapshot}s: which stage was how busy, and which one
 * limits.
 *
 * @param images messages whose outcome the queue has taken
 * @param cpuMsPerImage of the whole process
 * @param cpuShare of all cores, 0 to 1
 * @param meanBatch rows per batch over all models
 * @param inFlight messages that were not settled, at the end
 * @param permits that were taken, by them and by running polls, at the end
 * @param limit how many permits there were, at the end
 * @param batchSizes share of the batches that had so many rows, such as {@code 5-8}; without those
 *     that had none
 * @param rings by task, at the end
 * @param stages by name, in the order of the path
 * @param waits for what no stage of the worker is busy with, at the end
 */
public record Load(
        double elapsedSeconds,
        long images,
        double cpuMsPerImage,
        double cpuShare,
        double meanBatch,
        int inFlight,
        int permits,
        int limit,
        Map<String, Double> batchSizes,
        Map<String, Snapshot.RingUse> rings,
        Map<String, StageLoad> stages,
        Snapshot.Waits waits) {

    /** What limits where no stage is busy. */
    private static final Map<String, String> WHY =
            Map.of(
                    "host", "most downloads wait for their turn at an image host",
                    "acknowledger", "most messages wait until the queue takes their outcome",
                    "admission", "all permits are taken and no stage was busy",
                    "receivers", "the queue has more messages than the polls bring",
                    "arrivals", "no stage was busy");

    private static final Map<String, String> REMEDIES =
            Map.of(
                    "admission", "; raise admission.messages",
                    "receivers", "; raise queue.receivers");

    /** Below this no stage is the limit. */
    private static final double BUSY = 0.5;

    /**
     * @param busy share of the stage's threads, or of the device, that worked; for fetch and
     *     callback, which are waiting rather than work, 0
     * @param msPerImage time that one image took in the stage
     */
    public record StageLoad(double busy, double msPerImage) {}

    public static Load between(Snapshot from, Snapshot to) {
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
                to.inFlight(),
                to.permits(),
                to.limit(),
                batchSizes(from.batchSizes(), to.batchSizes(), batches),
                to.rings(),
                stages,
                to.waits());
    }

    private static Map<String, Double> batchSizes(List<Long> from, List<Long> to, long batches) {
        Map<String, Double> shares = new LinkedHashMap<>();
        List<String> names = BatchStats.sizeNames();
        for (int size = 0; size < to.size(); size++) {
            long count = to.get(size) - from.get(size);
            if (count > 0) {
                shares.put(names.get(size), (double) count / batches);
            }
        }
        return shares;
    }

    public double imagesPerSecond() {
        return images / elapsedSeconds;
    }

    /**
     * A receiver waits for a full call rather than for the last permit; and polls that wait for
     * messages hold permits of which there is no lack.
     */
    private boolean permitsTaken() {
        return permits >= limit - limit / 20 && 2 * inFlight >= limit;
    }

    /**
     * The busiest stage. Where none was busy, what most messages in flight wait for: {@code host}
     * for their turn at an image host, {@code acknowledger} for the queue to take their outcome;
     * {@code admission} if all permits are taken, so that the waits of the messages in flight are
     * the limit; {@code receivers} if the queue has more messages than the polls bring; else {@code
     * arrivals}.
     */
    public String limitedBy() {
        return stages.entrySet().stream()
                .filter(stage -> stage.getValue().busy() >= BUSY)
                .max(Comparator.comparingDouble(stage -> stage.getValue().busy()))
                .map(Map.Entry::getKey)
                .orElseGet(this::waitedFor);
    }

    private String waitedFor() {
        int most = Math.max(1, inFlight / 2);
        if (waits.hosts() > most) {
            return "host";
        }
        if (waits.acknowledger() > most) {
            return "acknowledger";
        }
        if (permitsTaken()) {
            return "admission";
        }
        return waits.receivers() ? "receivers" : "arrivals";
    }

    /** One sentence for a person. */
    public String limitSentence() {
        String stage = limitedBy();
        String why = WHY.get(stage);
        return why == null
                ? String.format(
                        Locale.ROOT,
                        "limited by: %s (busy %.0f %%, CPU %.0f %%)",
                        stage,
                        100 * stages.get(stage).busy(),
                        100 * cpuShare)
                : String.format(
                                Locale.ROOT,
                                "limited by: %s, %s (CPU %.0f %%)",
                                stage,
                                why,
                                100 * cpuShare)
                        + remedy(stage);
    }

    /** A host without a cap has what others leave free of the messages in flight. */
    private String remedy(String stage) {
        boolean host = stage.equals("host");
        return host && waits.capped()
                ? "; raise fetch.perHost"
                : REMEDIES.getOrDefault(host ? "admission" : stage, "");
    }

    /** How full the worker is and what the batches were like, for a person. */
    public String useSentence() {
        StringJoiner use = new StringJoiner(", ");
        use.add("in flight: " + inFlight + " of " + limit);
        rings.forEach(
                (task, ring) ->
                        use.add("ring " + task + ": " + ring.occupied() + " of " + ring.size()));
        StringJoiner sizes = new StringJoiner(", ", "batches of ", "");
        batchSizes.forEach(
                (size, share) ->
                        sizes.add(String.format(Locale.ROOT, "%s: %.0f %%", size, 100 * share)));
        return batchSizes.isEmpty() ? use.toString() : use + "; " + sizes;
    }
}
