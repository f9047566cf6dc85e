package dev.millrace.resource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the project's JVMs end, by their usual flags. */
class JvmCommandTest {
    /** What {@code -XX:+ExitOnOutOfMemoryError} ends with. */
    private static final int OUT_OF_MEMORY = 3;

    @TempDir private Path folder;

    @Test
    void aJvmWithoutMemoryEndsAtOnce() throws Exception {
        Child.End end = Child.run(Ending.class, folder, List.of());
        assertEquals(OUT_OF_MEMORY, end.exit(), end.complained());
        assertEquals("a result\n", end.said());
    }

    @Test
    void whatAProcessStartsEndsAsItDoes() {
        List<String> flags = Arrays.asList(System.getProperty("millrace.flags").split("\\s+"));
        assertTrue(flags.containsAll(JvmCommand.END), "those of the pom: " + flags);
        List<String> command = JvmCommand.of(List.of("-Xmx1m"), "Main", List.of());
        assertTrue(command.containsAll(JvmCommand.END), command.toString());
    }

    /** A cache of another version or of other jars is nothing that a user could mend. */
    @Test
    void aCacheThatDoesNotFitIsPassedOnAndNotComplainedOf() throws Exception {
        Path cache = Files.writeString(folder.resolve("cache"), "of another JVM");
        List<String> fits = List.of("-XX:AOTCache=" + cache, "-XX:+UseCompactObjectHeaders");
        List<String> start =
                new ArrayList<>(JvmCommand.of(fits, StartingAnother.class.getName(), List.of()));
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(start).redirectError(errors.toFile()).start();
        String command = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), Files.readString(errors));
        assertEquals("", Files.readString(errors));
        for (String flag : fits) {
            assertTrue(command.lines().anyMatch(flag::equals), command);
        }
    }

    /** Says how it would start another. */
    static final class StartingAnother {
        private StartingAnother() {}

        public static void main(String[] arguments) {
            JvmCommand.of(List.of(), "Main", List.of()).forEach(System.out::println);
        }
    }

    /** Takes memory until there is none. */
    static final class Ending {
        private Ending() {}

        public static void main(String[] arguments) {
            System.out.println("a result");
            List<long[]> all = new ArrayList<>();
            // Another thread would go on without one that dies.
            Thread.ofPlatform()
                    .start(
                            () -> {
                                while (all.size() < Integer.MAX_VALUE) {
                                    all.add(new long[1 << 20]);
                                }
                            });
            while (true) {
                Thread.onSpinWait();
            }
        }
    }
}
