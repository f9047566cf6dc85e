package dev.millrace.preprocess;

import dev.millrace.faults.Undefended;
import dev.millrace.testing.Child;
import dev.millrace.testing.HeapWatch;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds what the gate reserves against what a decode takes, in a process of its own. */
public final class Reservations {
    /** Instead of a number of mutations: neither those nor photos. */
    public static final int HOSTILE_ALONE = -1;

    /** Why it may not be measured. */
    public static final String MISSING =
            "there was no C++ compiler for the library that counts allocations";

    /** A gate that does not count the groups of prefix codes of a lossless WebP. */
    public static final List<Undefended.Change> CONTROL =
            List.of(
                    new Undefended.Change(
                            "image/LosslessWebp.java",
                            "bytes += groups * (GROUP_BYTES + ENTRY_BYTES * TABLE_ENTRIES[cacheBits]);",
                            ""));

    private Reservations() {}

    public static boolean canBeMeasured() {
        return HeapWatch.isThere();
    }

    /**
     * Decodes photos, hostile files and mutations one at a time. The exit code is 0 where each took
     * what was reserved.
     *
     * @param before classes that go before the others
     */
    public static Child.End measure(Path folder, long seed, int mutations, List<Path> before)
            throws IOException, InterruptedException {
        List<String> arguments =
                List.of(
                        HeapWatch.library().toString(),
                        Long.toString(seed),
                        Integer.toString(mutations));
        String classes =
                Stream.concat(
                                before.stream().map(Path::toString),
                                Stream.of(System.getProperty("java.class.path")))
                        .collect(Collectors.joining(File.pathSeparator));
        Map<String, String> environment = HeapWatch.environment();
        return Child.run(ReservationRun.class, folder, arguments, classes, environment);
    }
}
