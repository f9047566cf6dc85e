package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The JVM's reports of crashes in one folder, of which the newest are kept. */
final class CrashReports {
    static final int KEPT = 10;
    private static final String FLAG = "-XX:ErrorFile=";
    private static final String PID = "%p";

    private final Path pattern;

    /**
     * @param pattern of the files, with {@code %p} for the process
     */
    private CrashReports(Path pattern) {
        this.pattern = pattern;
    }

    /** Those of workers that a supervisor starts. */
    static CrashReports in(Path folder) {
        return new CrashReports(folder.resolve("hs_err_pid" + PID + ".log"));
    }

    /** Those that JVMs with these flags write, if each writes one of its own. */
    public static Optional<CrashReports> of(List<String> flags) {
        return flags.stream()
                .filter(flag -> flag.startsWith(FLAG))
                .reduce((_, last) -> last)
                .map(flag -> Path.of(flag.substring(FLAG.length())).toAbsolutePath())
                .filter(file -> file.getFileName().toString().contains(PID))
                .map(CrashReports::new);
    }

    /** The flag that makes a JVM write its report here. */
    String flag() {
        return FLAG + pattern;
    }

    /** The report of one process, if it left one. */
    Optional<Path> of(long pid) {
        String name = pattern.getFileName().toString().replace(PID, Long.toString(pid));
        return Optional.of(pattern.resolveSibling(name)).filter(Files::exists);
    }

    /** Deletes all but the newest. */
    public void prune() throws IOException {
        String names = pattern.getFileName().toString().replace(PID, "*");
        UserPrincipal us = Files.getOwner(Path.of("/proc/self"));
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(pattern.getParent(), names)) {
            for (Path file : found) {
                // The temporary folder has those of other users as well.
                if (Files.getOwner(file).equals(us)) {
                    files.add(file);
                }
            }
        }
        files.sort(Comparator.comparing((Path file) -> file.toFile().lastModified()).reversed());
        for (Path file : files.subList(Math.min(KEPT, files.size()), files.size())) {
            Files.deleteIfExists(file);
        }
    }
}
