package dev.millrace.bundle.plan;

import dev.millrace.bundle.DeclarationFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Any file beside a plan: a sidecar, or {@link Sidecar.UnreadableException} with one line. */
public final class SidecarFuzz {
    private static final Path FILE = DeclarationFuzz.temporary("model.plan.json");

    private SidecarFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        try {
            Sidecar.read(FILE);
        } catch (Sidecar.UnreadableException e) {
            if (e.getMessage().isBlank() || e.getMessage().matches("(?s).*[\\r\\n].*")) {
                throw new AssertionError("not one line: " + e.getMessage());
            }
        }
    }
}
