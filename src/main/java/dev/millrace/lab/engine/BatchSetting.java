package dev.millrace.lab.engine;

import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.BundleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Writes {@code maxBatch} into a {@code model.yaml}, and leaves the rest as its author wrote it.
 */
final class BatchSetting {
    private static final Pattern LINE = Pattern.compile("(?m)^maxBatch:.*$");

    private BatchSetting() {}

    /** Throws {@link BundleException} where the file cannot be written. */
    public static void write(Path bundle, int maxBatch) {
        Path file = bundle.resolve("model.yaml").toAbsolutePath();
        try {
            String yaml = Files.readString(file);
            String line = "maxBatch: " + maxBatch;
            String changed =
                    LINE.matcher(yaml).find()
                            ? LINE.matcher(yaml).replaceFirst(line)
                            : yaml.stripTrailing() + "\n" + line + "\n";
            BundleCache.replace(file, changed.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw BundleException.of(
                    file,
                    "maxBatch",
                    maxBatch,
                    "cannot be written (" + e + "); write maxBatch into it by hand");
        }
    }
}
