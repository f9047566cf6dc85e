package dev.millrace.worker;

import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.gpu.Device;
import dev.millrace.modules.ScoreCheck;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A module whose model's scores are looked at: when it is loaded, then of an image a second at most
 * until some are no probabilities, which is said once. Its outputs are read by one thread.
 */
final class ScoreWatch extends VisionModule {
    private static final Logger LOG = LoggerFactory.getLogger(ScoreWatch.class);
    private static final long BETWEEN_LOOKS_NS = TimeUnit.SECONDS.toNanos(1);

    private final String task;
    private final VisionModule module;
    private Optional<ScoreCheck> check;
    private long lookedNs = System.nanoTime() - BETWEEN_LOOKS_NS;

    /**
     * @param device that the model runs on; one that computes nothing has no scores to look at
     */
    ScoreWatch(String task, VisionModule module, Device device) {
        super(module.spec());
        this.task = task;
        this.module = module;
        this.check = device.computes() ? ScoreCheck.of(module.spec()) : Optional.empty();
    }

    /** Looks at what the model said of a black image, when it was warmed up. */
    void loaded(OutputTensors outputs) {
        check.flatMap(scores -> scores.wrong(outputs))
                .ifPresent(wrong -> LOG.warn("task '{}': {}", task, wrong));
    }

    @Override
    public Placement preprocess(Image image, InputTensor input) {
        return module.preprocess(image, input);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        if (check.isPresent()) {
            look(outputs, System.nanoTime());
        }
        return module.postprocess(outputs, image, placement);
    }

    private void look(OutputTensors outputs, long nowNs) {
        if (nowNs - lookedNs < BETWEEN_LOOKS_NS) {
            return;
        }
        lookedNs = nowNs;
        Optional<String> wrong = check.get().wrong(outputs);
        if (wrong.isPresent()) {
            LOG.warn("task '{}', of an image: {}", task, wrong.get());
            check = Optional.empty();
        }
    }
}
