package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Empty libraries under NVIDIA's names that {@code native} builds for the tests, for processes of
 * their own: a name sticks to a process.
 */
public final class StubLibraries {
    private StubLibraries() {}

    /** The folder of them; skips the test, with the reason, where they were not built. */
    public static Path folder() {
        Path folder = Path.of(System.getProperty("millrace.fakes", "target/native"), "named");
        String reason = folder + " was not built (no C++ compiler)";
        if (!Files.exists(folder)) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(Files.exists(folder), reason);
        return folder.toAbsolutePath();
    }
}
