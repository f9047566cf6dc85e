package dev.millrace.batch;

import dev.millrace.verify.ImageFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The files below a folder that are called images. */
final class FolderImages {
    private FolderImages() {}

    static boolean isImage(String name) {
        return ImageFiles.isImage(name);
    }

    /**
     * Hands over their paths from the folder, with slashes between. The folder itself may be a
     * link, and so may a file; folders below that are links are left out, so that no cycle is
     * followed.
     */
    static void each(Path named, Consumer<String> taker) throws IOException {
        Path folder = named.toRealPath();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> isImage(file.getFileName().toString()))
                    .filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .forEach(taker);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** As the path of a URL, its slashes left. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }
}
