package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The stand-ins that {@code native/test} builds. Without a compiler there are none. */
final class Fakes {
    private Fakes() {}

    /** A stand-in by its short name; skips the test, with the reason, where there is none. */
    static Path file(String name) {
        Path file =
                Path.of(System.getProperty("millrace.fakes", "target/native"))
                        .resolve("libfake_" + name + ".so")
                        .toAbsolutePath();
        boolean there = Files.exists(file);
        if (!there) {
            System.out.println("skipped: " + file + " was not built (no C++ compiler)");
        }
        assumeTrue(there, file + " was not built (no C++ compiler)");
        return file;
    }

    static DynamicLibrary open(String name) {
        try {
            return DynamicLibrary.open(file(name).toString());
        } catch (MissingLibraryException e) {
            throw new AssertionError(e);
        }
    }

    /** Puts a stand-in into {@code folder} under the name that is looked for. */
    static void put(String name, Path folder, String soname) throws IOException {
        Files.copy(file(name), folder.resolve(soname));
    }
}
