package dev.millrace.testing;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A module that appends a byte to the file of the system property {@link #FILE} for each image, so
 * that what several processes computed is known, killed ones included.
 */
public final class CountingClassifier extends VisionModule {
    public static final String FILE = "millrace.test.computed";

    private static final Path COMPUTED = Path.of(System.getProperty(FILE, "computed"));

    public CountingClassifier(ModelSpec spec) {
        super(spec);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        try {
            Files.write(
                    COMPUTED, new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Verdict.of("harmless", Map.of());
    }
}
