package dev.millrace.lab.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * CPU time of all threads of this process as Linux counts it, those of the JVM itself included, by
 * what they do. The kernel counts in ticks of 10 ms.
 */
final class OsThreads {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final double MS_PER_TICK = 10;

    private OsThreads() {}

    /** Milliseconds by role; empty where there is no {@code /proc}. */
    static Map<String, Double> cpuMsByRole() {
        Map<String, Double> roles = new TreeMap<>();
        if (!Files.isDirectory(TASKS)) {
            return roles;
        }
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                add(task.resolve("stat"), roles);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the threads of this process cannot be listed", e);
        }
        return roles;
    }

    private static void add(Path stat, Map<String, Double> roles) {
        try {
            String line = Files.readString(stat);
            int end = line.lastIndexOf(')');
            String name = line.substring(line.indexOf('(') + 1, end);
            // From the state on; user and system time are the 14th and 15th field of the line.
            String[] fields = line.substring(end + 2).split(" ");
            double ticks = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
            roles.merge(role(name), ticks * MS_PER_TICK, Double::sum);
        } catch (IOException e) {
            // The thread has ended since the folder was listed.
        }
    }

    /** Linux keeps the first 15 characters of a name. */
    static String role(String name) {
        if (name.startsWith("preprocess")) {
            return "decode, resize";
        }
        if (name.startsWith("infer") || name.startsWith("lane-") || name.startsWith("row-")) {
            return "infer, device";
        }
        if (name.startsWith("deliver")) {
            return "postprocess";
        }
        if (name.startsWith("receive")) {
            return "receive";
        }
        if (name.startsWith("acknowledge") || name.startsWith("visibility")) {
            return "acknowledge";
        }
        if (name.startsWith("ForkJoinPool")
                || name.startsWith("VirtualThread")
                || name.contains("-poller")
                || name.contains("Poller")) {
            return "download, callback";
        }
        if (name.startsWith("C1 ") || name.startsWith("C2 ")) {
            return "JIT compiler";
        }
        if (name.startsWith("GC ") || name.startsWith("G1 ")) {
            return "GC";
        }
        return name.startsWith("AsyncAppender") ? "log" : "other";
    }
}
