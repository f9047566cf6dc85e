package dev.millrace.batch;

import dev.millrace.bundle.DeclarationFuzz;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Any file given as {@code --out}: it is gone on with, or {@link ConfigException} says in one line
 * why not. With {@code --retry-errors} what remains has no error and is gone on with.
 */
public final class ResultFileFuzz {
    private static final List<String> TASKS = List.of("safety");
    private static final Path FILE = DeclarationFuzz.temporary("results.jsonl");

    private ResultFileFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        for (boolean retryErrors : new boolean[] {false, true}) {
            Files.write(FILE, input);
            try (DoneKeys keys = new DoneKeys(FILE.toAbsolutePath().getParent());
                    ResultFile first =
                            ResultFile.open(FILE, TASKS, retryErrors, keys, url -> url)) {
                if (retryErrors && first.failedBefore() != 0) {
                    throw new AssertionError("errors are left");
                }
                if (keys.size() > first.before()) {
                    throw new AssertionError("more ids than lines");
                }
            } catch (ConfigException e) {
                if (e.getMessage().isBlank() || e.getMessage().matches("(?s).*[\\r\\n].*")) {
                    throw new AssertionError("not one line: " + e.getMessage());
                }
            }
        }
    }
}
