package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system of 1 MB that only the process that {@link #before} starts sees: a tmpfs in a mount
 * namespace of its own, which needs no root where the kernel allows user namespaces.
 */
public final class SmallDisk {
    public static final long BYTES = 1 << 20;

    private static final List<String> NAMESPACE = List.of("unshare", "-rm", "sh", "-c");

    private final Path folder;
    private final String mount;

    public SmallDisk(Path folder) {
        this(folder, "exec");
    }

    /**
     * @param option of the mount: {@code exec} or {@code noexec}
     */
    public SmallDisk(Path folder, String option) {
        this.folder = folder;
        this.mount = "mount -t tmpfs -o size=%d,%s tmpfs \"$0\"".formatted(BYTES, option);
    }

    /** Whether this host lets a user mount something for himself. */
    public static boolean isPossible(Path folder) throws IOException, InterruptedException {
        try {
            List<String> command = new ArrayList<>(NAMESPACE);
            command.addAll(List.of(new SmallDisk(folder).mount, folder.toString()));
            Process trial = new ProcessBuilder(command).start();
            return trial.waitFor(10, TimeUnit.SECONDS) && trial.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where the process sees it. */
    public Path folder() {
        return folder;
    }

    /** Runs the command that follows. */
    public List<String> before() {
        return running("exec \"$@\"");
    }

    /** The same, with both of its streams in a file on the disk. */
    public List<String> beforeWithLog() {
        return running("exec \"$@\" >\"$0/output.log\" 2>&1");
    }

    private List<String> running(String script) {
        List<String> before = new ArrayList<>(NAMESPACE);
        before.addAll(List.of(mount + " && " + script, folder.toString()));
        return before;
    }

    /** Bytes that the process has on it. */
    public long used(long pid) throws IOException {
        Path seen = Path.of("/proc/" + pid + "/root" + folder.toRealPath());
        long bytes = 0;
        try (var files = Files.list(seen)) {
            for (Path file : files.toList()) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
        }
        return bytes;
    }
}
