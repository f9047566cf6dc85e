package dev.millrace.lab.imports;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A bundle that is made in a folder beside its place, and takes it only when its model was loaded:
 * after a mistake nothing is there, and the same command with the mistake mended works.
 */
final class NewBundle implements AutoCloseable {
    private final Path place;
    private final Path work;

    private NewBundle(Path place, Path work) {
        this.place = place;
        this.work = work;
    }

    /**
     * @param force whether a bundle that is there is replaced
     */
    static NewBundle at(Path place, boolean force) {
        if (!force && Files.exists(place.resolve("model.yaml"))) {
            throw new ConfigException(
                    "'%s' has a model.yaml; name another folder with --output, or give --force to replace it"
                            .formatted(place));
        }
        Path whole = place.toAbsolutePath().normalize();
        if (whole.getParent() == null || Files.exists(whole) && !Files.isDirectory(whole)) {
            throw unwritable(place, "it is no folder");
        }
        try {
            Files.createDirectories(whole.getParent());
            return new NewBundle(place, Files.createTempDirectory(whole.getParent(), ".import-"));
        } catch (IOException e) {
            throw unwritable(place, e);
        }
    }

    static ConfigException unwritable(Path place, Object reason) {
        return new ConfigException(
                "--output: '%s' cannot be written (%s); name a folder that this user may write"
                        .formatted(place, reason));
    }

    /** Where it is made; called as its place is, since a bundle has its folder's name. */
    Path folder() {
        return work.resolve(place.toAbsolutePath().normalize().getFileName());
    }

    /**
     * Other files of the place stay as they are. A link in it is replaced where a file goes, and
     * refused where a folder goes, before anything is moved.
     */
    void takePlace() throws IOException {
        List<Path> content = content(folder());
        for (Path file : content) {
            Path to = place.resolve(folder().relativize(file).toString());
            if (Files.isDirectory(file) && !file.equals(folder()) && Files.isSymbolicLink(to)) {
                throw unwritable(place, "its folder " + to.getFileName() + " is a link");
            }
        }
        for (Path file : content) {
            Path to = place.resolve(folder().relativize(file).toString());
            if (Files.isDirectory(file)) {
                Files.createDirectories(to);
            } else {
                Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static List<Path> content(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList();
        }
    }

    @Override
    public void close() throws IOException {
        List<Path> left = content(work).stream().sorted(Comparator.reverseOrder()).toList();
        for (Path file : left) {
            Files.delete(file);
        }
    }
}
