package dev.millrace.verify;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.bundle.Bundle;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.infer.Lane;
import dev.millrace.job.FailureException;
import dev.millrace.job.Rows;
import dev.millrace.modules.Modules;
import dev.millrace.preprocess.ImagePreprocessor;
import dev.millrace.preprocess.ImagePreprocessor.Written;
import dev.millrace.resource.Resources;

/**
 * Says what a bundle makes of images, one after another and without a queue, by the stages of a
 * worker. Used by one thread; owns the engine.
 */
public final class FileVerdicts implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Resources resources = new Resources();
    private final VisionModule module;
    private final ImagePreprocessor preprocessor;
    private final Rows rows;
    private final Lane lane;

    /**
     * What is said of an image.
     *
     * @param millis that decoding, inference and postprocessing took
     */
    public record Said(Verdict verdict, ImageInfo image, double millis) {
        /** The part of a task in a worker's result, without the model's name. */
        public ObjectNode json() {
            ObjectNode result = JSON.createObjectNode();
            verdict.label().ifPresent(label -> result.put("label", label));
            verdict.fields().forEach((name, value) -> result.set(name, JSON.valueToTree(value)));
            return result;
        }
    }

    /**
     * @param device that computes; stays open
     */
    public FileVerdicts(Bundle bundle, Device device) {
        try {
            this.module = Modules.create(bundle.spec());
            this.preprocessor = resources.own(new ImagePreprocessor(module));
            Engine engine = resources.own(device.load(bundle.source(1)));
            this.rows = resources.own(new Rows(1, device, engine));
            this.lane = resources.own(new Lane("files", device, engine, rows));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * @param body of an encoded image
     * @throws FailureException where a worker would answer with this failure
     */
    public Said of(byte[] body) throws FailureException {
        long beganNs = System.nanoTime();
        Written written = preprocessor.preprocess(body, rows.input(0));
        lane.submit(0, 1);
        lane.done().synchronize();
        Verdict verdict = module.postprocess(rows.outputs(0), written.image(), written.placement());
        return new Said(verdict, written.image(), (System.nanoTime() - beganNs) / 1e6);
    }

    @Override
    public void close() {
        resources.close();
    }
}
