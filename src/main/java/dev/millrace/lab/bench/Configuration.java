package dev.millrace.lab.bench;

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
    SEQUENTIAL("one message at a time", 1, 1, 1, false, 1, 1),
    /** Downloads and callbacks beside each other, all pixels on one thread. */
    THREADS("10 downloads, 3 receivers, one preprocess thread, batch 1", 3, 10, 10, false, 1, 1),
    /** Besides the downloads twice a batch of 8: one on the device, one on its way there. */
    PARALLEL("10 downloads, preprocessing on all cores, batch 1", 3, 10, 26, true, 1, 1),
    /** The same with batches. */
    BATCH8("10 downloads, preprocessing on all cores, batches of up to 8", 3, 10, 26, true, 1, 8),
    /** As many in flight as the latency asks for, two lanes. */
    MILLRACE("as many in flight as the latency asks for, two lanes", 3, 256, 256, true, 2, 32);

    /** In the latency profile, unless the command line says otherwise. */
    private static final int SMALL_BATCH = 8;

    private final String sentence;
    private final int receivers;
    private final int downloads;
    private final int inFlight;
    private final boolean allCores;
    private final int lanes;
    private final int maxBatch;

    Configuration(
            String sentence,
            int receivers,
            int downloads,
            int inFlight,
            boolean allCores,
            int lanes,
            int maxBatch) {
        this.sentence = sentence;
        this.receivers = receivers;
        this.downloads = downloads;
        this.inFlight = inFlight;
        this.allCores = allCores;
        this.lanes = lanes;
        this.maxBatch = maxBatch;
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
        int messages = overrides.inFlight(this).orElse(inFlight);
        WorkerProfile profile = overrides.profile(this);
        boolean latency = profile == WorkerProfile.LATENCY;
        int batch = overrides.batch(this).orElse(latency ? SMALL_BATCH : maxBatch);
        List<WorkerConfig.Model> models =
                tasks.stream().map(task -> model(task, batch, profile)).toList();
        return WorkerConfig.of(
                        queue.withReceivers(overrides.receivers(this).orElse(receivers)), models)
                .with(
                        draft -> {
                            draft.profile = profile;
                            draft.device = device.withLanes(latency ? profile.lanes() : lanes);
                            draft.preprocess =
                                    new WorkerConfig.Preprocess(
                                            allCores ? draft.preprocess.threads() : 1,
                                            draft.preprocess.decodeBytes());
                            draft.admission =
                                    new WorkerConfig.AdmissionBounds(
                                            messages, draft.admission.bytes());
                            ThisMachine.around(draft, overrides.inFlight(this).orElse(downloads));
                        });
    }

    private static WorkerConfig.Model model(String task, int batch, WorkerProfile profile) {
        return new WorkerConfig.Model(
                task, ThisMachine.engines().resolve(task), Optional.of(batch), profile.linger());
    }

    /**
     * What the command line changes in {@link #MILLRACE}; the others are the experiment and stay.
     */
    record Overrides(
            WorkerProfile millrace,
            Optional<Integer> messages,
            Optional<Integer> maxBatch,
            Optional<Integer> receivers) {
        private WorkerProfile profile(Configuration configuration) {
            return configuration == MILLRACE ? millrace : WorkerProfile.THROUGHPUT;
        }

        private Optional<Integer> receivers(Configuration configuration) {
            return configuration == MILLRACE ? receivers : Optional.empty();
        }

        private Optional<Integer> inFlight(Configuration configuration) {
            return configuration == MILLRACE ? messages : Optional.empty();
        }

        private Optional<Integer> batch(Configuration configuration) {
            return configuration == MILLRACE ? maxBatch : Optional.empty();
        }
    }
}
