package dev.millrace.serve.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of the page that the serving port shows to people, by the path of the URL. They are in
 * the jar and read once, so any thread may ask, and a path that is not one of them leads to no
 * file.
 */
public final class Page {
    /**
     * What a browser may load for the page: its own files, and the photo that the user has chosen.
     * It goes with each of the files.
     */
    public static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    /**
     * To try a model with where no photo is at hand; of those that are shipped to verify models.
     */
    private static final String PHOTOS = "/dev/millrace/verify/photos/";

    private static final Map<String, String> SAMPLES =
            Map.of(
                    "astronaut.jpg", "photo-512x512-astronaut.jpg",
                    "coffee.jpg", "photo-600x400-coffee.jpg",
                    "osprey.jpg", "photo-1200x675-osprey.jpg");

    private static final Map<String, Asset> ASSETS = new LinkedHashMap<>();

    static {
        put("/", "page.html", "text/html; charset=utf-8");
        for (String script : List.of("page.js", "dom.js", "verdict.js", "reference.js")) {
            put("/" + script, script, "text/javascript; charset=utf-8");
        }
        put("/page.css", "page.css", "text/css; charset=utf-8");
        put("/page.svg", "page.svg", "image/svg+xml");
        put("/openapi.json", "openapi.json", "application/json");
        for (Map.Entry<String, String> sample : SAMPLES.entrySet()) {
            put("/samples/" + sample.getKey(), PHOTOS + sample.getValue(), "image/jpeg");
        }
    }

    private Page() {}

    /**
     * A file of the page.
     *
     * @param body not to be changed
     * @param etag with its quotes; another one where the file has changed
     */
    public record Asset(byte[] body, String contentType, String etag) {}

    /**
     * @param path of the URL, without its query
     */
    public static Optional<Asset> asset(String path) {
        return Optional.ofNullable(ASSETS.get(path));
    }

    private static void put(String path, String resource, String contentType) {
        byte[] body = read(resource);
        ASSETS.put(path, new Asset(body, contentType, etag(body)));
    }

    private static byte[] read(String resource) {
        try (InputStream in = Page.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String etag(byte[] body) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
            return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing from this JDK", e);
        }
    }
}
