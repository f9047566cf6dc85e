package dev.millrace.preprocess;

import com.lmax.disruptor.Sequence;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.deliver.DeliverProcessor;
import dev.millrace.duty.Duties;
import dev.millrace.duty.Duty;
import dev.millrace.duty.DutyThread;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.image.TestImages;
import dev.millrace.infer.BatchStats;
import dev.millrace.infer.InferenceProcessor;
import dev.millrace.job.JobRing;
import dev.millrace.job.NativeGuard;
import dev.millrace.job.StageClock;
import dev.millrace.resource.Resources;
import dev.millrace.testing.Messages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A ring with all its stages, into which images are put as fast as slots are free. What a
 * preprocess thread does with one is up to the user, so that more threads than cores can be busy.
 */
public final class FullRing implements AutoCloseable {
    private static final TensorSpec PIXELS =
            new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(8, 8, 3));
    private static final TensorSpec SCORE =
            new TensorSpec("score", TensorSpec.Type.FLOAT32, List.of(1));
    private static final byte[] BODY = TestImages.photo("exact-224x224-cat.png");
    private static final int PUBLISHERS = 4;
    private static final int LANES = 2;

    private final Resources resources = new Resources();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final Duties duties = new Duties(fault::set);
    private final List<DutyThread> threads = new ArrayList<>();
    private final StageClock clock = new StageClock();
    private final JobRing ring;
    private final BatchStats batches = new BatchStats();

    /** Works instead of a decoder, and says nothing. */
    private static final class Working extends VisionModule {
        private final Runnable work;

        Working(Runnable work) {
            super(
                    new ModelSpec(
                            "working",
                            "1",
                            "test",
                            8,
                            8,
                            new ResizeRule.Stretch(),
                            Fidelity.FAST,
                            ColorOrder.RGB,
                            new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            Optional.empty()));
            this.work = work;
        }

        @Override
        public Placement preprocess(Image image, InputTensor input) {
            work.run();
            return new Placement(1, 1, 0, 0);
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            return Verdict.unlabelled(Map.of());
        }
    }

    /**
     * @param cost of a batch on the device
     * @param work of a preprocess thread, for one image
     */
    public FullRing(int slots, int threadCount, int maxBatch, SimulatedCost cost, Runnable work) {
        HostDevice device = resources.own(HostDevice.simulated(cost));
        Working module = new Working(work);
        ring = resources.own(new JobRing("working", slots, device, PIXELS, List.of(SCORE)));
        Sequence claimed = new Sequence();
        List<PreprocessProcessor> preprocessors = new ArrayList<>();
        for (int i = 0; i < threadCount; i++) {
            JobPreprocessor preprocessor =
                    new JobPreprocessor(module, DecodeBudget.unlimited(), NativeGuard.NONE, clock);
            preprocessors.add(resources.own(new PreprocessProcessor(ring, claimed, preprocessor)));
        }
        InferenceProcessor infer =
                resources.own(
                        new InferenceProcessor(
                                ring,
                                preprocessors.stream().map(PreprocessProcessor::sequence).toList(),
                                device,
                                resources.own(
                                        device.load(
                                                new EngineSource(
                                                        "working",
                                                        Path.of("none"),
                                                        List.of(PIXELS),
                                                        List.of(SCORE),
                                                        maxBatch))),
                                LANES,
                                Duration.ofMillis(5).toNanos(),
                                0,
                                batches));
        DeliverProcessor deliver =
                new DeliverProcessor(ring, infer.sequence(), module, _ -> {}, new StageClock(), 0);
        ring.gate(deliver.sequence());
        resources.own(() -> DutyThread.end(threads, Duration.ofSeconds(10)));
        preprocessors.forEach(this::start);
        start(infer);
        start(deliver);
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.add(Thread.ofVirtual().start(this::publish));
        }
        resources.own(() -> publishers.forEach(Thread::interrupt));
    }

    private void start(Duty duty) {
        threads.add(duties.thread("working-" + threads.size(), duty));
        threads.getLast().start();
    }

    private void publish() {
        try {
            while (ring.publish(Messages.of("working"), 0, BODY)) {
                // As fast as slots are free.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the preprocess threads have done. */
    public StageClock clock() {
        return clock;
    }

    /** What the device has done. */
    public BatchStats batches() {
        return batches;
    }

    /** Why a thread ended, if one did. */
    public Optional<Throwable> fault() {
        return Optional.ofNullable(fault.get());
    }

    @Override
    public void close() {
        resources.close();
    }
}
