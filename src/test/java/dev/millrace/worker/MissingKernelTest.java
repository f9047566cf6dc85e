package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ConfigReader;
import dev.millrace.testing.Child;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A worker of a build without the native resize kernel. */
@Isolated("its scene counts the threads of the process")
class MissingKernelTest extends WithWorkerScene {
    /** Starts a worker in a process of its own, and ends it. */
    static final class Starts {
        private Starts() {}

        public static void main(String[] arguments) throws Exception {
            Map<String, String> settings = WorkerScene.settings();
            settings.remove("MILLRACE_TRACE");
            Worker.start(ConfigReader.read(Path.of(arguments[0]), settings)).close();
        }
    }

    @Test
    void withoutTheNativeKernelOneWarningSaysSo() throws Exception {
        scene.config(WorkerScene.settings());
        Path library =
                folder.resolve("before/dev/millrace/native/linux-x86_64/libmillrace_native.so");
        Files.createDirectories(library.getParent());
        Files.writeString(library, "no library");
        Child.End end =
                Child.run(
                        Starts.class,
                        folder,
                        List.of(folder.resolve("worker.yaml").toString()),
                        folder.resolve("before")
                                + File.pathSeparator
                                + System.getProperty("java.class.path"),
                        Map.of());
        assertEquals(0, end.exit(), end.said() + end.complained());
        List<String> said =
                end.said().lines().filter(line -> line.contains("images are resized")).toList();
        assertEquals(1, said.size(), end::said);
        assertTrue(said.getFirst().contains(" WARN "), said::toString);
        assertTrue(said.getFirst().contains("images are resized in Java, which "), said::toString);
    }
}
