package dev.millrace.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Any {@code model.yaml}: a declaration, or {@link BundleException} with one line. */
public final class DeclarationFuzz {
    private static final Path FILE = temporary("model.yaml");

    private DeclarationFuzz() {}

    /** A file in a folder of its own, gone with the process. */
    public static Path temporary(String name) {
        try {
            Path folder = Files.createTempDirectory("fuzz");
            folder.toFile().deleteOnExit();
            Path file = Files.createFile(folder.resolve(name));
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        try {
            DeclarationReader.read(FILE);
        } catch (BundleException e) {
            if (e.getMessage().isBlank() || e.getMessage().matches("(?s).*[\\r\\n].*")) {
                throw new AssertionError("not one line: " + e.getMessage());
            }
        }
    }
}
