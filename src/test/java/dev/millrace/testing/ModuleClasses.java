package dev.millrace.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder with the classes of a module alone: the tests' own settings must not be a worker's. */
public final class ModuleClasses {
    private ModuleClasses() {}

    /** Copies the classes to a folder in {@code home}, which is returned. */
    public static Path copy(Path home, Class<?>... types) throws IOException {
        Path folder = home.resolve("classes");
        for (Class<?> type : types) {
            String name = type.getName().replace('.', '/') + ".class";
            Path to = folder.resolve(name);
            Files.createDirectories(to.getParent());
            try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
                Files.write(to, in.readAllBytes());
            }
        }
        return folder;
    }
}
