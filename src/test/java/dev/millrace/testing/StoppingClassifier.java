package dev.millrace.testing;

import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A module that, for images of some widths, does what stops a part of the worker that it runs in:
 * it never returns, or it interrupts some of the worker's threads, once per file that the property
 * {@code millrace.stopped} names. It works for all other images.
 */
public final class StoppingClassifier extends VisionModule {
    /** Never returns for {@code png-451x300-cat.png}. */
    public static final int HANGS_AT_WIDTH = 451;

    /** Which threads are interrupted, by the width of the photo. */
    private static final Map<Integer, String> THREADS =
            Map.of(224, "receive", 416, "lane-safety-", 640, "visibility");

    public StoppingClassifier(ModelSpec spec) {
        super(spec);
    }

    @Override
    public Placement preprocess(Image image, InputTensor input) {
        if (image.width() == HANGS_AT_WIDTH) {
            hang();
        }
        String thread = THREADS.get(image.width());
        if (thread != null && isFirst()) {
            Thread.getAllStackTraces().keySet().stream()
                    .filter(other -> other.getName().startsWith(thread))
                    .forEach(Thread::interrupt);
        }
        return super.preprocess(image, input);
    }

    private static void hang() {
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // As native code would: it goes on.
            }
        }
    }

    private static boolean isFirst() {
        try {
            Files.createFile(Path.of(System.getProperty("millrace.stopped")));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        return Verdict.of("harmless", Map.of());
    }
}
