package dev.millrace.lab.check;

import java.util.List;
import java.util.Optional;

/**
 * A command that has ended, or was ended at its limit.
 *
 * @param code its exit code
 * @param stopped whether it was ended
 * @param lines of its output, without empty ones
 */
record Ran(int code, boolean stopped, double seconds, List<String> lines) {
    /** How the verdict of one that was ended at its limit begins. */
    static final String STOPPED = "stopped after";

    private static final int MISTAKE = 2;

    Ran {
        lines = List.copyOf(lines);
    }

    boolean ok() {
        return code == 0 && !stopped;
    }

    /** The last line that has all of the words. */
    Optional<String> line(String words) {
        return lines.reversed().stream().filter(line -> line.contains(words)).findFirst();
    }

    /** Well by its exit code, with its last line or the reason. */
    Verdict byExitCode() {
        if (ok()) {
            return Verdict.ok(last());
        }
        return Verdict.failed(
                stopped
                        ? "%s %.0f s; %s".formatted(STOPPED, seconds, last())
                        : "exit code " + code + "; " + reason());
    }

    private String last() {
        return lines.isEmpty() ? "" : lines.getLast();
    }

    /** Millrace's own line, or the first before a page of usage, or the last. */
    private String reason() {
        return lines.reversed().stream()
                .filter(line -> line.startsWith("millrace"))
                .findFirst()
                .orElseGet(() -> code == MISTAKE && !lines.isEmpty() ? lines.getFirst() : last());
    }
}
