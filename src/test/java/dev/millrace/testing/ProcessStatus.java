package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a process of ours holds, as Linux counts it. */
public final class ProcessStatus {
    private ProcessStatus() {}

    /** Resident bytes now. */
    public static long resident(long pid) throws IOException {
        return bytes(Long.toString(pid), "VmRSS:");
    }

    /** The most resident bytes since {@link #resetPeak}. */
    public static long peak(long pid) throws IOException {
        return bytes(Long.toString(pid), "VmHWM:");
    }

    public static void resetPeak(long pid) throws IOException {
        resetPeak(Long.toString(pid));
    }

    /** Open files, sockets included. */
    public static long handles(long pid) throws IOException {
        try (Stream<Path> handles = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return handles.count();
        }
    }

    public static long threads(long pid) throws IOException {
        return number(Long.toString(pid), "Threads:");
    }

    static void resetPeak(String process) throws IOException {
        Files.writeString(Path.of("/proc", process, "clear_refs"), "5");
    }

    static long bytes(String process, String field) throws IOException {
        return number(process, field) << 10;
    }

    private static long number(String process, String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no " + field + " in /proc/" + process + "/status");
    }
}
