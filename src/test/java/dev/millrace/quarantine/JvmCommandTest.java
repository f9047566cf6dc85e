package dev.millrace.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Child;
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
