package dev.millrace.quarantine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;

/** Writes a small file of the state directory, which is there whole at any moment. */
final class StateFile {
    private StateFile() {}

    /** Where it cannot be written, {@code log} has one line and the file is as it was. */
    static void write(Path to, String lines, Logger log) {
        try {
            Path written = to.resolveSibling(to.getFileName() + ".new");
            Files.writeString(written, lines);
            Files.move(
                    written,
                    to,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("{} cannot be written ({}); free space there", to, e.toString());
        }
    }
}
