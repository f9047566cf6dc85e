package dev.millrace.verify;

import dev.millrace.api.InputTensor;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.VisionModule;
import dev.millrace.bundle.Bundle;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.infer.Lane;
import dev.millrace.job.FailureException;
import dev.millrace.job.Rows;
import dev.millrace.modules.Modules;
import dev.millrace.preprocess.ImagePreprocessor;
import dev.millrace.preprocess.ImagePreprocessor.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs photos through two engines of one bundle and compares what they say. */
public final class Verification {
    /** An engine and where it runs. */
    public record Side(Device device, EngineSource source) {}

    private final Bundle bundle;
    private final VisionModule module;
    private final Agreement agreement;

    private Verification(Bundle bundle) {
        this.bundle = bundle;
        this.module = Modules.create(bundle.spec());
        this.agreement = new Agreement(bundle.spec());
    }

    /**
     * Compares {@code candidate} with {@code reference}, in batches as large as both take.
     *
     * @param photos encoded images by name
     * @param progress told the name of each photo when it is done
     */
    public static Agreement.Report compare(
            Bundle bundle,
            Side reference,
            Side candidate,
            Map<String, byte[]> photos,
            Consumer<String> progress) {
        Verification verification = new Verification(bundle);
        int batch = Math.min(reference.source().maxBatch(), candidate.source().maxBatch());
        try (Engine expected = reference.device().load(reference.source());
                Engine found = candidate.device().load(candidate.source());
                Rows expectedRows = new Rows(batch, reference.device(), expected);
                Rows foundRows = new Rows(batch, candidate.device(), found);
                Lane expectedLane =
                        new Lane("reference", reference.device(), expected, expectedRows);
                Lane foundLane = new Lane("candidate", candidate.device(), found, foundRows);
                ImagePreprocessor preprocessor = new ImagePreprocessor(verification.module)) {
            List<String> names = List.copyOf(photos.keySet());
            for (int from = 0; from < names.size(); from += batch) {
                List<String> some = names.subList(from, Math.min(from + batch, names.size()));
                List<Written> prepared = new ArrayList<>();
                for (String name : some) {
                    InputTensor row = expectedRows.input(prepared.size());
                    prepared.add(prepare(preprocessor, name, photos.get(name), row));
                    foundRows.input(row.row()).pixels().copyFrom(row.pixels());
                }
                expectedLane.submit(0, some.size());
                foundLane.submit(0, some.size());
                expectedLane.done().synchronize();
                foundLane.done().synchronize();
                for (int row = 0; row < some.size(); row++) {
                    verification.compare(
                            some.get(row),
                            prepared.get(row),
                            expectedRows.outputs(row),
                            foundRows.outputs(row));
                    progress.accept(some.get(row));
                }
            }
            return verification.agreement.report();
        }
    }

    private static Written prepare(
            ImagePreprocessor preprocessor, String name, byte[] body, InputTensor row) {
        try {
            return preprocessor.preprocess(body, row);
        } catch (FailureException e) {
            throw new ConfigException(
                    name + ": " + e.failure().message() + "; leave it out of the photos");
        }
    }

    private void compare(
            String photo, Written prepared, OutputTensors expected, OutputTensors found) {
        agreement.photo();
        agreement.scores(expected);
        if (bundle.spec().kind().equals("detector")) {
            // Two candidates that change places make the tensors differ, not what they say.
            agreement.detections(photo, verdict(expected, prepared), verdict(found, prepared));
            return;
        }
        for (OutputTensor output : expected.all()) {
            agreement.tensor(photo, output, found.named(output.name()));
        }
    }

    private Map<String, ?> verdict(OutputTensors outputs, Written prepared) {
        return module.postprocess(outputs, prepared.image(), prepared.placement()).fields();
    }
}
