package dev.millrace.lab.demo;

import com.sun.net.httpserver.HttpExchange;
import dev.millrace.verify.SamplePhotos;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** The shipped photos, served from memory. */
public final class PhotoHost {
    static final String PATH = "/photos/";

    private final Map<String, byte[]> photos = SamplePhotos.all();

    /** File names, in a fixed order. */
    public Set<String> names() {
        return photos.keySet();
    }

    /** The encoded photo. */
    public byte[] bytes(String name) {
        return photos.get(name).clone();
    }

    void serve(HttpExchange exchange) throws IOException {
        byte[] photo = photos.get(exchange.getRequestURI().getPath().substring(PATH.length()));
        try (exchange) {
            if (photo == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.sendResponseHeaders(200, photo.length);
            exchange.getResponseBody().write(photo);
        }
    }
}
