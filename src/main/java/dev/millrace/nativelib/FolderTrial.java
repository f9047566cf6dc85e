package dev.millrace.nativelib;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tries whether native libraries can be unpacked into a folder and loaded from it, by doing it with
 * a page of nothing.
 */
final class FolderTrial {
    /** What OpenCV with OpenBLAS and ONNX Runtime take, a little more. */
    static final long ROOM_BYTES = 144L << 20;

    /** A folder with this much has them. */
    private static final long COMPLETE_BYTES = 128L << 20;

    private static final int PAGE = 4096;

    private FolderTrial() {}

    /** Why the folder will not do, if it will not; makes it where it is missing. */
    static Optional<String> complaint(Path folder) {
        try {
            create(folder);
            if (!isOurs(folder)) {
                return Optional.of("may be written by other users");
            }
            Path page = Files.createTempFile(folder, "trial-", Unpacked.UNFINISHED);
            try {
                Files.write(page, new byte[PAGE]);
                if (!ExecutableMapping.isAllowed(page)) {
                    return Optional.of("is mounted noexec");
                }
            } finally {
                Files.deleteIfExists(page);
            }
            long usable = Files.getFileStore(folder).getUsableSpace();
            return usable >= ROOM_BYTES || hasThem(folder, usable)
                    ? Optional.empty()
                    : Optional.of(
                            "has %d MiB free, which is less than the %d that they take"
                                    .formatted(usable >> 20, ROOM_BYTES >> 20));
        } catch (IOException | RuntimeException e) {
            return Optional.of("cannot be written (" + reason(e) + ")");
        }
    }

    private static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.createDirectories(folder.getParent());
        try {
            Files.createDirectory(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Another process was faster, or it is no folder, which the next step finds.
        }
    }

    /** Whoever may write into it decides what this process executes. */
    private static boolean isOurs(Path folder) throws IOException {
        Set<PosixFilePermission> allowed =
                Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(user())
                && !allowed.contains(PosixFilePermission.GROUP_WRITE)
                && !allowed.contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** The number of the user that this process runs as. */
    static int user() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new UnloadableLibraryException(
                    "/proc/self cannot be read (" + reason(e) + "); Millrace needs /proc");
        }
    }

    /** Of a folder that earlier starts have filled, or begun to. */
    private static boolean hasThem(Path folder, long usable) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long bytes =
                    files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                            .mapToLong(file -> file.toFile().length())
                            .sum();
            return bytes >= COMPLETE_BYTES || bytes + usable >= ROOM_BYTES;
        }
    }

    static String reason(Exception e) {
        return e instanceof FileSystemException failure && failure.getReason() != null
                ? failure.getReason()
                : e.toString().lines().findFirst().orElse("");
    }
}
