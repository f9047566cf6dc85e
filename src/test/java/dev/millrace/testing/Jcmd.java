package dev.millrace.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks another JVM of ours, with the JDK's {@code jcmd}. */
public final class Jcmd {
    private static final Pattern TOTAL =
            Pattern.compile("<(?:total|system) type=\"(\\w+)\"[^>]* size=\"(\\d+)\"/>");

    private Jcmd() {}

    /** What it answers; an {@code IOException} with that text where it fails. */
    public static String run(long pid, String command) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process =
                new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
                        .redirectErrorStream(true)
                        .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd " + pid + " " + command + ": " + answer);
        }
        return answer;
    }

    /**
     * Bytes that are allocated with glibc's {@code malloc} and not freed. What the allocator keeps
     * of freed memory is resident, but not in it, so a leak cannot hide in that.
     */
    public static long nativeHeap(long pid) throws IOException, InterruptedException {
        String answer = run(pid, "System.native_heap_info");
        // The sums over all arenas follow the last of them.
        Matcher totals = TOTAL.matcher(answer.substring(answer.lastIndexOf("</heap>") + 1));
        long bytes = 0;
        int found = 0;
        while (totals.find()) {
            long size = Long.parseLong(totals.group(2));
            switch (totals.group(1)) {
                case "current", "mmap" -> bytes += size;
                case "fast", "rest" -> bytes -= size;
                default -> {
                    continue;
                }
            }
            found++;
        }
        if (found != 4) {
            throw new IOException("no sums of glibc's heap in: " + answer);
        }
        return bytes;
    }
}
