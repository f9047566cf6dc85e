package dev.millrace.bundle;

import dev.millrace.nativelib.CacheFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Supplier;

/**
 * Grafted models on disk, by the hash of what they were made of. Several processes may share one: a
 * file appears whole or not at all, and as equal inputs give equal bytes it does not matter whose
 * file wins. Each model has its checksum beside it, so that a damaged one is made again.
 */
public final class BundleCache {
    public static final String MODEL = "model.onnx";

    private final Path directory;

    public BundleCache(Path directory) {
        this.directory = directory;
    }

    /** This user's {@link CacheFolder}. */
    public static Path defaultDirectory() {
        return CacheFolder.of(System.getenv(), System.getProperty("user.home"));
    }

    /** A file in the cache. */
    public record Entry(Path file, byte[] bytes) {}

    /** The file of this name and hash; {@code build} makes it where no intact one is there. */
    public Entry file(String hash, String name, Supplier<byte[]> build) {
        Path entry = directory.resolve(hash);
        Path model = entry.resolve(name);
        Path checksum = entry.resolve(name + ".sha256");
        try {
            byte[] found = intact(model, checksum);
            if (found != null) {
                return new Entry(model, found);
            }
            byte[] built = build.get();
            Files.createDirectories(entry);
            replace(model, built);
            replace(checksum, checksumLine(name, built).getBytes(StandardCharsets.UTF_8));
            return new Entry(model, built);
        } catch (IOException e) {
            throw BundleException.of(
                    directory,
                    "cache",
                    entry.getFileName(),
                    "cannot be read or written (%s); set MILLRACE_CACHE to a folder that this user may write to"
                            .formatted(e));
        }
    }

    private static byte[] intact(Path file, Path checksum) throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String expected = new String(Files.readAllBytes(checksum), StandardCharsets.UTF_8);
            return expected.equals(checksumLine(file.getFileName().toString(), bytes))
                    ? bytes
                    : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** As {@code sha256sum} writes it, and {@code sha256sum -c} reads it. */
    private static String checksumLine(String name, byte[] bytes) {
        return Sha256.hex(bytes) + "  " + name + "\n";
    }

    public static void replace(Path file, byte[] content) throws IOException {
        Path written = Files.createTempFile(file.getParent(), "writing-", ".tmp");
        try {
            Files.write(written, content);
            Files.move(
                    written,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
