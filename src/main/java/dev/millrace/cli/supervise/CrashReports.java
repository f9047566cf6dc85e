package dev.millrace.cli.supervise;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The JVM's reports of crashes in one folder, of which the newest are kept. */
final class CrashReports {
    static final int KEPT = 10;
    private static final String PREFIX = "hs_err_pid";

    private final Path folder;

    CrashReports(Path folder) {
        this.folder = folder;
    }

    /** The flag that makes a JVM write its report here. */
    String flag() {
        return "-XX:ErrorFile=" + folder.resolve(PREFIX + "%p.log");
    }

    /** The report of one process, if it left one. */
    Optional<Path> of(long pid) {
        return Optional.of(folder.resolve(PREFIX + pid + ".log")).filter(Files::exists);
    }

    /** Deletes all but the newest. */
    void prune() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, PREFIX + "*.log")) {
            found.forEach(files::add);
        }
        files.sort(Comparator.comparing((Path file) -> file.toFile().lastModified()).reversed());
        for (Path file : files.subList(Math.min(KEPT, files.size()), files.size())) {
            Files.deleteIfExists(file);
        }
    }
}
