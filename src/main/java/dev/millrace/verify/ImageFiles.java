package dev.millrace.verify;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The images that engines are compared on: those of a folder, of the bundle, or of the demo. */
public final class ImageFiles {
    private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png", ".webp", ".gif");

    private ImageFiles() {}

    public static Map<String, byte[]> of(Optional<Path> given, Path bundle) {
        Path own = bundle.resolve("photos");
        return given.or(() -> Optional.of(own).filter(Files::isDirectory))
                .map(ImageFiles::in)
                .orElseGet(SamplePhotos::all);
    }

    private static Map<String, byte[]> in(Path folder) {
        Map<String, byte[]> photos = new TreeMap<>();
        try {
            for (String name : namesIn(folder)) {
                photos.put(name, Files.readAllBytes(folder.resolve(name)));
            }
        } catch (IOException e) {
            throw new ConfigException(
                    "--photos: '%s' cannot be read (%s); name a folder of images"
                            .formatted(folder, e));
        }
        if (photos.isEmpty()) {
            throw new ConfigException(
                    "--photos: '" + folder + "' has no images; name a folder that has some");
        }
        return photos;
    }

    /** Names of the files of a folder that are called images, in order; not of folders in it. */
    public static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(ImageFiles::isImage)
                    .sorted()
                    .toList();
        }
    }

    /** Whether a file of this name is called an image. */
    public static boolean isImage(String name) {
        return ENDINGS.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
    }
}
