package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** Where a worker's images come from while it is measured. */
public final class ImageHostOptions {
    @Option(
            names = "--latency",
            paramLabel = "TIME",
            defaultValue = "100ms",
            converter = Millis.class,
            description = "Of the image host (default ${DEFAULT-VALUE}).")
    private Duration latency;

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            defaultValue = "20ms",
            converter = Millis.class,
            description = "The latency varies by so much both ways (default ${DEFAULT-VALUE}).")
    private Duration jitter;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "200",
            description = "Different photos, of sizes that the web has (default ${DEFAULT-VALUE}).")
    private int images;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of photos and jitter (default ${DEFAULT-VALUE}).")
    private long seed;

    /**
     * @param latency of the image host, plus or minus {@code jitter}
     * @param images different photos
     */
    public static ImageHostOptions of(Duration latency, Duration jitter, int images, long seed) {
        ImageHostOptions host = new ImageHostOptions();
        host.latency = latency;
        host.jitter = jitter;
        host.images = images;
        host.seed = seed;
        return host;
    }

    /** For a command that has these options. */
    List<String> arguments() {
        return List.of(
                "--latency=" + Millis.text(latency),
                "--jitter=" + Millis.text(jitter),
                "--images=" + images,
                "--seed=" + seed);
    }

    Duration latency() {
        return latency;
    }

    Duration jitter() {
        return jitter;
    }

    public int images() {
        return images;
    }

    public long seed() {
        return seed;
    }

    /** Adds them to what a report says of its settings. */
    public void json(ObjectNode json) {
        json.put("latency", Millis.text(latency));
        json.put("jitter", Millis.text(jitter));
        json.put("images", images);
        json.put("seed", seed);
    }
}
