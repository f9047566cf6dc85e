package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident memory of this process, as Linux counts it. */
public final class Memory {
    private Memory() {}

    /** Resident bytes now. */
    public static long resident() throws IOException {
        return bytes("VmRSS:");
    }

    /** The most resident bytes since {@link #resetPeak}. */
    public static long peak() throws IOException {
        return bytes("VmHWM:");
    }

    public static void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    private static long bytes(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("no " + field + " in /proc/self/status");
    }
}
