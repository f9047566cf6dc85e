package dev.millrace.lab.demo;

import com.sun.net.httpserver.HttpExchange;
import dev.millrace.config.ConfigException;
import dev.millrace.verify.ImageFiles;
import dev.millrace.verify.SamplePhotos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An image host: the shipped photos from memory, or the images of a folder. */
public final class PhotoHost {
    static final String PATH = "/photos/";

    private final Set<String> names;
    private final Photos photos;

    /** Gives a file by one of the names. */
    private interface Photos {
        byte[] read(String name) throws IOException;
    }

    private PhotoHost(Set<String> names, Photos photos) {
        this.names = Collections.unmodifiableSet(names);
        this.photos = photos;
    }

    /** Of the shipped photos. */
    public static PhotoHost shipped() {
        Map<String, byte[]> all = SamplePhotos.all();
        return new PhotoHost(all.keySet(), all::get);
    }

    /**
     * Of a folder, whose files are read when they are asked for. Throws {@link ConfigException}.
     */
    static PhotoHost of(Path folder) {
        List<String> names;
        try {
            names = ImageFiles.namesIn(folder);
        } catch (IOException e) {
            throw new ConfigException(
                    "--folder: '%s' is not a folder that can be read; name one with images"
                            .formatted(folder));
        }
        if (names.isEmpty()) {
            throw new ConfigException(
                    "--folder: '%s' has no images; name a folder that has some".formatted(folder));
        }
        return new PhotoHost(
                new LinkedHashSet<>(names), name -> Files.readAllBytes(folder.resolve(name)));
    }

    /** File names, in a fixed order. */
    public Set<String> names() {
        return names;
    }

    /** The encoded photo. */
    public byte[] bytes(String name) {
        try {
            return photos.read(name).clone();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void serve(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(PATH.length());
        try (exchange) {
            // A name that is not in the list leads nowhere, and so not out of the folder.
            if (!names.contains(name)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] photo = photos.read(name);
            exchange.sendResponseHeaders(200, photo.length);
            exchange.getResponseBody().write(photo);
        }
    }
}
