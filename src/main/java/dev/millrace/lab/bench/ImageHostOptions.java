package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where a worker's images come from while it is measured. */
public final class ImageHostOptions {
    /** Of the web's JPEGs. */
    static final double PROGRESSIVE = 0.2;

    @Option(
            names = "--latency",
            paramLabel = "TIME",
            defaultValue = "100ms",
            converter = Millis.class,
            description = "Delay of each answer of the image host (default: ${DEFAULT-VALUE}).")
    private Duration latency;

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            defaultValue = "20ms",
            converter = Millis.class,
            description =
                    "Time by which the delay of the image host varies both ways (default:"
                            + " ${DEFAULT-VALUE}).")
    private Duration jitter;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "200",
            description =
                    "Photos that differ, in the sizes that are common on the web (default:"
                            + " ${DEFAULT-VALUE}).")
    private int images;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description =
                    "Seed of the random photos and of the jitter (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--progressive",
            paramLabel = "SHARE",
            defaultValue = "0.2",
            description =
                    "Share of the photos that are progressive JPEGs, 0 to 1; a fifth of those on"
                            + " the web are (default: ${DEFAULT-VALUE}).")
    private double progressive;

    /**
     * With as many progressive photos as by default.
     *
     * @param latency of the image host, plus or minus {@code jitter}
     * @param images different photos
     */
    public static ImageHostOptions of(Duration latency, Duration jitter, int images, long seed) {
        ImageHostOptions host = new ImageHostOptions();
        host.latency = latency;
        host.jitter = jitter;
        host.images = images;
        host.seed = seed;
        host.progressive = PROGRESSIVE;
        return host;
    }

    /** For a command that has these options. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(photos());
        arguments.add("--latency=" + Millis.text(latency));
        arguments.add("--jitter=" + Millis.text(jitter));
        return arguments;
    }

    /** Those of the options that are about the photos. */
    List<String> photos() {
        return List.of("--images=" + images, "--seed=" + seed, "--progressive=" + progressive);
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

    /** Throws {@link ConfigException} with one line for what cannot work. */
    public void check() {
        if (images < 1) {
            throw new ConfigException("--images: '" + images + "' must be at least 1");
        }
        if (!(progressive >= 0 && progressive <= 1)) {
            throw new ConfigException("--progressive: '" + progressive + "' must be from 0 to 1");
        }
    }

    /** The same with another share of progressive photos. */
    ImageHostOptions progressive(double share) {
        progressive = share;
        return this;
    }

    /** Share of the photos. */
    double progressive() {
        return progressive;
    }

    /** Adds them to what a report says of its settings. */
    public void json(ObjectNode json) {
        json.put("latency", Millis.text(latency));
        json.put("jitter", Millis.text(jitter));
        json.put("images", images);
        json.put("seed", seed);
        json.put("progressive", progressive);
    }
}
