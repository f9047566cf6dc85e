package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.cli.Millrace;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import dev.millrace.nativelib.ResizeKernel;
import dev.millrace.testing.Child;
import dev.millrace.testing.Slow;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build without the native resize kernel works, and says what that costs. */
@Slow
class ResizeKernelTest {
    private static final String LIBRARY = "dev/millrace/native/linux-x86_64/libmillrace_native.so";
    private static final String WITHOUT =
            "images are resized in Java, which makes an image take 1.6 to 1.9 times the CPU before its model: ";

    @TempDir private Path folder;

    /** Prints what a worker logs and shows. */
    static final class Shown {
        private Shown() {}

        public static void main(String[] arguments) {
            System.out.println(ResizeKernel.get().sentence());
            try (Metrics metrics =
                    new Metrics(new Counters(), new Admission(16, 1 << 20, 4, 60, 0))) {
                System.out.println(metrics.scrape());
            }
        }
    }

    private String said(Class<?> main, boolean broken, String... arguments) throws Exception {
        String classes = System.getProperty("java.class.path");
        if (broken) {
            Path library = folder.resolve("before").resolve(LIBRARY);
            Files.createDirectories(library.getParent());
            Files.writeString(library, "no library");
            classes = folder.resolve("before") + File.pathSeparator + classes;
        }
        Child.End end = Child.run(main, folder, List.of(arguments), classes, Map.of());
        assertEquals(0, end.exit(), end.said() + end.complained());
        return end.said();
    }

    @Test
    void aBuildWithoutItSaysSo() throws Exception {
        String shown = said(Shown.class, true);
        assertTrue(shown.startsWith(WITHOUT), shown);
        assertTrue(shown.lines().anyMatch("millrace_native_kernel 0.0"::equals), shown);
        String doctor = said(Millrace.class, true, "doctor");
        assertTrue(
                doctor.lines().anyMatch(line -> line.startsWith("ok    resize kernel: " + WITHOUT)),
                doctor);
    }

    @Test
    void aBuildWithItNamesIt() throws Exception {
        assumeTrue(ResizeKernel.get().library().isPresent(), "built without a C++ compiler");
        String doctor = said(Millrace.class, false, "doctor");
        assertTrue(
                doctor.contains("resize kernel: images are resized by the native kernel ("),
                doctor);
    }
}
