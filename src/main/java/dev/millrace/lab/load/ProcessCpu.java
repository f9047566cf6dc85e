package dev.millrace.lab.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * CPU time of processes and of all that they started, as Linux counts it in ticks of 10 ms. What a
 * child used that has ended is its parent's.
 */
public final class ProcessCpu implements DoubleSupplier {
    private static final Path PROC = Path.of("/proc");
    private static final double TICKS_PER_SECOND = 100;
    private static final int USER = 11;
    private static final int CHILDREN_SYSTEM = 14;

    private final Set<Long> pids;

    public ProcessCpu(Set<Long> pids) {
        this.pids = Set.copyOf(pids);
    }

    /** Seconds so far; NaN where there is no process or the system does not say. */
    @Override
    public double getAsDouble() {
        return pids.isEmpty()
                ? Double.NaN
                : pids.stream()
                                .flatMap(ProcessCpu::family)
                                .distinct()
                                .mapToDouble(ProcessCpu::ticks)
                                .sum()
                        / TICKS_PER_SECOND;
    }

    private static Stream<Long> family(long pid) {
        return Stream.concat(
                Stream.of(pid),
                ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid));
    }

    private static double ticks(long pid) {
        try {
            String line = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            // Behind the name, which may hold anything.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            double ticks = 0;
            for (int field = USER; field <= CHILDREN_SYSTEM; field++) {
                ticks += Double.parseDouble(fields[field]);
            }
            return ticks;
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
