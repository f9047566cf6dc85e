package dev.millrace.lab.bench;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;

/** Serves images after a while that varies, as a host far away would. */
final class ImageHost {
    static final String PATH = "/images/";

    /** Holds the images where they are objects, with {@link #PATH} before their keys. */
    static final String BUCKET = "bench-photos";

    private final List<byte[]> images;
    private volatile long latencyNs;
    private final long jitterNs;
    private final boolean closes;
    private final Random random;
    private final LongAdder bytes = new LongAdder();

    /**
     * @param latency plus or minus {@code jitter}
     * @param closes the connection after each image
     */
    ImageHost(List<byte[]> images, Duration latency, Duration jitter, boolean closes, long seed) {
        this.images = images;
        this.latencyNs = latency.toNanos();
        this.jitterNs = jitter.toNanos();
        this.closes = closes;
        this.random = new Random(seed);
    }

    /** From the next request on. */
    void latency(Duration latency) {
        latencyNs = latency.toNanos();
    }

    long bytesServed() {
        return bytes.sum();
    }

    void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] image = images.get(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
        try (exchange) {
            pause();
            if (closes) {
                exchange.getResponseHeaders().set("Connection", "close");
            }
            exchange.sendResponseHeaders(200, image.length);
            exchange.getResponseBody().write(image);
            bytes.add(image.length);
        }
    }

    /** The latency, and up to the jitter more or less. */
    private void pause() {
        long nanos = latencyNs + Math.round((2 * random.nextDouble() - 1) * jitterNs);
        Pauses.sleep(nanos);
    }
}
