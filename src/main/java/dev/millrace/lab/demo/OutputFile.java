package dev.millrace.lab.demo;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file for the figures of a command, which is looked at before the command spends time on them.
 */
public final class OutputFile {
    private OutputFile() {}

    /**
     * Makes the folder of the file. Throws {@link ConfigException} with one line where the file
     * could not be written.
     *
     * @param option that names it
     */
    public static void require(String option, Optional<Path> file) {
        file.ifPresent(path -> require(option, path));
    }

    private static void require(String option, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new ConfigException(
                    option + ": '" + file + "' is a folder; name a file to write");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new ConfigException(
                    option + ": '" + folder + "' is not a folder and cannot be made (" + e + ")");
        }
        boolean existed = Files.exists(file);
        // Of root the file system says that it may write anywhere.
        try (OutputStream _ = Files.newOutputStream(file, CREATE, APPEND)) {
            if (!existed) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new ConfigException(
                    option + ": '" + file + "' cannot be written; name another file");
        }
    }
}
