package dev.millrace.verify;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The photos that are shipped. */
public final class SamplePhotos {
    private SamplePhotos() {}

    /** By name, in a fixed order. */
    public static Map<String, byte[]> all() {
        Map<String, byte[]> photos = new LinkedHashMap<>();
        for (String name :
                new String(resource("index.txt"), StandardCharsets.UTF_8).split("\\s+")) {
            photos.put(name, resource(name));
        }
        return photos;
    }

    private static byte[] resource(String name) {
        try (InputStream in = SamplePhotos.class.getResourceAsStream("photos/" + name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the photo " + name + " is missing from this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
