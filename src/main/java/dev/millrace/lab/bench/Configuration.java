package dev.millrace.lab.bench;

import dev.millrace.config.ConfigDraft;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.QueueSettings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One way to run the worker. Each takes away the bottleneck of the one before; the code is the
 * same.
 */
enum Configuration {
    /** One message from the queue to its deletion, then the next. */
    SEQUENTIAL("one message at a time", new Bounds(1, 1, 1, false, 1)),
    /** Downloads and callbacks beside each other, all pixels on one thread. */
    THREADS(
            "10 downloads, 3 receivers, one preprocess thread, batch 1",
            new Bounds(3, 10, 10, false, 1)),
    /** Besides the downloads twice a batch of 8: one on the device, one on its way there. */
    PARALLEL("10 downloads, preprocessing on all cores, batch 1", new Bounds(3, 10, 26, true, 1)),
    /** The same with batches. */
    BATCH8(
            "10 downloads, preprocessing on all cores, batches of up to 8",
            new Bounds(3, 10, 26, true, 8)),
    /** What a user has who configures nothing. */
    MILLRACE("as many in flight as the latency asks for, two lanes", null);

    private final String sentence;
    private final Optional<Bounds> bounds;

    /**
     * @param bounds null for a worker's own
     */
    Configuration(String sentence, Bounds bounds) {
        this.sentence = sentence;
        this.bounds = Optional.ofNullable(bounds);
    }

    /** With one lane. */
    private record Bounds(
            int receivers, int downloads, int inFlight, boolean allCores, int maxBatch) {
        private void set(ConfigDraft draft) {
            draft.device = draft.device.withLanes(1);
            if (!allCores) {
                draft.preprocess = new WorkerConfig.Preprocess(1, draft.preprocess.decodeBytes());
            }
            draft.queue = draft.queue.withReceivers(receivers);
            messages(draft, inFlight);
            ThisMachine.around(draft, downloads);
        }
    }

    /** The name on the command line and in the report. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What is different here. */
    String sentence() {
        return sentence;
    }

    /** The configuration of a worker on a queue of this machine. */
    WorkerConfig config(
            QueueSettings queue,
            WorkerConfig.DeviceChoice device,
            List<String> tasks,
            Overrides overrides) {
        WorkerProfile profile = bounds.isEmpty() ? overrides.profile : WorkerProfile.THROUGHPUT;
        Optional<Integer> batch = bounds.map(Bounds::maxBatch).or(() -> overrides.maxBatch);
        List<WorkerConfig.Model> models =
                tasks.stream().map(task -> model(task, batch, profile)).toList();
        return WorkerConfig.of(queue, models)
                .with(
                        draft -> {
                            draft.profile = profile;
                            draft.device = device.withLanes(profile.lanes());
                            bounds.ifPresentOrElse(
                                    given -> given.set(draft), () -> overrides.set(draft));
                        });
    }

    private static WorkerConfig.Model model(
            String task, Optional<Integer> batch, WorkerProfile profile) {
        return new WorkerConfig.Model(
                task, ThisMachine.engines().resolve(task), batch, profile.linger());
    }

    private static void messages(ConfigDraft draft, int inFlight) {
        draft.admission = new WorkerConfig.AdmissionBounds(inFlight, draft.admission.bytes());
    }

    /**
     * What the command line changes in {@link #MILLRACE}; the others are the experiment and stay.
     *
     * @param inFlight messages, and as many downloads of one host
     */
    record Overrides(
            WorkerProfile profile,
            Optional<Integer> inFlight,
            Optional<Integer> maxBatch,
            Optional<Integer> receivers) {
        private void set(ConfigDraft draft) {
            receivers.ifPresent(threads -> draft.queue = draft.queue.withReceivers(threads));
            inFlight.ifPresent(most -> messages(draft, most));
            inFlight.ifPresentOrElse(
                    most -> ThisMachine.around(draft, most), () -> ThisMachine.around(draft));
        }
    }
}
