package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The shipped photos in the formats that are read. */
public final class Photos {
    private Photos() {}

    /** The names of their files. */
    public static List<String> names() {
        return manifest().stream().map(image -> image.get("file").asText()).toList();
    }

    /** What the manifest says of each. */
    public static List<JsonNode> manifest() {
        try (InputStream in = Photos.class.getResourceAsStream("/photos-manifest.json")) {
            return new ObjectMapper()
                    .readTree(in)
                    .get("images")
                    .valueStream()
                    .filter(image -> !image.get("format").asText().equals("AVIF"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
