package dev.millrace.quarantine.trial;

import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.VisionModule;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.modules.Modules;
import dev.millrace.preprocess.ImagePreprocessor;
import dev.millrace.quarantine.Trial;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The process in which the images of suspect messages are tried: it checks, decodes and prepares
 * them with the same modules as the worker does, and may crash. It needs no queue, no device and no
 * graph. {@link TrialCommand} starts it.
 */
public final class ImageTrial {
    private static final long ALIGNMENT = 64;

    private final Map<String, Model> models = new HashMap<>();

    /** A task's way from bytes to a row, and the row. */
    private record Model(ImagePreprocessor images, InputTensor row) {}

    private ImageTrial() {}

    /**
     * @param arguments the milliseconds that a trial may take, and for each model its task and its
     *     folder
     */
    public static void main(String[] arguments) throws IOException {
        ImageTrial trial = new ImageTrial();
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            trial.load(arguments[i], Path.of(arguments[i + 1]));
        }
        Duration limit = Duration.ofMillis(Long.parseLong(arguments[0]));
        try (OutputStream answers = new FileOutputStream(TrialCommand.ANSWERS)) {
            Trial.serve(System.in, answers, limit, trial::run);
        }
    }

    private void load(String task, Path folder) {
        ModelSpec spec = Bundles.declared(folder);
        VisionModule module = Modules.create(spec);
        long bytes = 3L * spec.width() * spec.height();
        models.put(
                task,
                new Model(
                        new ImagePreprocessor(module),
                        new InputTensor(
                                0,
                                spec.width(),
                                spec.height(),
                                Arena.global().allocate(bytes, ALIGNMENT))));
    }

    private Optional<Failure> run(String task, byte[] body) {
        Model model = models.get(task);
        if (model == null) {
            return Optional.empty();
        }
        try {
            model.images().preprocess(body, model.row());
            return Optional.empty();
        } catch (FailureException e) {
            return Optional.of(e.failure());
        } catch (RuntimeException e) {
            // Harmless: the worker's own module will throw it again and name it.
            return Optional.empty();
        }
    }
}
