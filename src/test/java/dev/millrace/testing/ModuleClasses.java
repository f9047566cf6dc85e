package dev.millrace.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A folder with the classes of a module alone: the tests' own settings must not be a worker's. */
public final class ModuleClasses {
    private ModuleClasses() {}

    /** Makes {@code folder} the same bundle with another module; returns it. */
    public static Path bundle(Path bundle, Path folder, Class<?> module) throws IOException {
        Files.copy(
                bundle.resolve("model.onnx"),
                folder.resolve("model.onnx"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                folder.resolve("model.yaml"),
                Files.readString(bundle.resolve("model.yaml"))
                        .replaceFirst("(?m)^kind: .*$", "kind: " + module.getName()));
        return folder;
    }

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
