package dev.millrace.observe.live;

import dev.millrace.gpu.cuda.Nvml;
import dev.millrace.observe.SnapshotReader;
import dev.millrace.serve.CallServer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The parts of a worker that its page shows; each is asked once a second at most, and only while
 * somebody looks.
 *
 * @param models what serves each task now, in the order of {@code work.models()}
 * @param device in words
 * @param callers where images are sent by callers who wait
 * @param gpu where there is one that is measured
 */
public record LiveParts(
        SnapshotReader work,
        Supplier<List<ModelFacts>> models,
        String device,
        Supplier<Outside> outside,
        Optional<CallServer> callers,
        Optional<Nvml> gpu) {}
