package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ConfigException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What {@code bench --serve} measures, beside the options that it has in common with the rest. */
final class ServeOptions {
    private static final int MOST_CONNECTIONS = 256;

    @Option(
            names = "--serve",
            description =
                    "Measure the path for callers that wait, and nothing else: requests over kept"
                            + " connections, and then requests that come by chance at --loads percent of the"
                            + " most that was reached, or at --rate.")
    boolean wanted;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "Server to measure instead of a worker: where it takes the posts, such as"
                            + " http://127.0.0.1:8000/v2/models/safety/infer (default: none).")
    Optional<URI> url = Optional.empty();

    @Option(
            names = "--against",
            paramLabel = "URL",
            description =
                    "Server to measure in turns with the worker or with --url, for a ratio in one"
                            + " run (default: none).")
    Optional<URI> against = Optional.empty();

    @Option(
            names = "--beside-queue",
            paramLabel = "RATE",
            description =
                    "Rate of callers that come by chance while the worker's queue is full, in images"
                            + " per second; measured against the queue alone and callers alone, and"
                            + " nothing else (default: none).")
    Optional<Double> besideQueue = Optional.empty();

    @Option(
            names = "--connections",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4,8,16,32,64",
            description =
                    "Connections that each send a request when they have the answer of the one"
                            + " before, 1 to 256; each value is measured (default: ${DEFAULT-VALUE}).")
    List<Integer> connections;

    @Option(
            names = "--most-latency",
            paramLabel = "TIME",
            defaultValue = "50ms",
            converter = Millis.class,
            description =
                    "Latency that the 99th percentile may have where a figure counts as reached"
                            + " (default: ${DEFAULT-VALUE}).")
    Duration mostLatency;

    @Option(
            names = "--photos",
            paramLabel = "DIR",
            description =
                    "Folder of the images to send (default: none; photos are made as for the image"
                            + " host).")
    Optional<Path> photos = Optional.empty();

    @Option(
            names = "--keep-photos",
            paramLabel = "DIR",
            description =
                    "Folder that the photos are written to, for other programs (default: none).")
    Optional<Path> keepPhotos = Optional.empty();

    /** Throws {@link ConfigException} with one line for what cannot work. */
    void check() {
        for (int count : connections) {
            if (count < 1 || count > MOST_CONNECTIONS) {
                throw new ConfigException(
                        "--connections: '%d' must be from 1 to %d"
                                .formatted(count, MOST_CONNECTIONS));
            }
        }
        if (besideQueue.isPresent() && !(besideQueue.get() > 0)) {
            throw new ConfigException(
                    "--beside-queue: '" + besideQueue.get() + "' must be more than 0");
        }
        url.ifPresent(given -> check("--url", given));
        against.ifPresent(given -> check("--against", given));
    }

    private static void check(String option, URI url) {
        if (!"http".equals(url.getScheme()) || url.getHost() == null || url.getPath().isEmpty()) {
            throw new ConfigException(
                    option
                            + ": '"
                            + url
                            + "' must be http:// with a host and a path, such as"
                            + " http://127.0.0.1:8000/v2/models/safety/infer");
        }
    }

    /** Throws {@link ConfigException} where another of these is given without {@code --serve}. */
    void requireWanted() {
        List<String> given = new ArrayList<>();
        url.ifPresent(_ -> given.add("--url"));
        against.ifPresent(_ -> given.add("--against"));
        besideQueue.ifPresent(_ -> given.add("--beside-queue"));
        photos.ifPresent(_ -> given.add("--photos"));
        keepPhotos.ifPresent(_ -> given.add("--keep-photos"));
        if (!wanted && !given.isEmpty()) {
            throw new ConfigException(
                    given.getFirst() + ": only --serve uses it; add --serve, or leave it out");
        }
    }

    void json(ObjectNode json) {
        json.put("url", url.map(URI::toString).orElse("a worker's"));
        against.ifPresent(other -> json.put("against", other.toString()));
        json.put("most_latency", Millis.text(mostLatency));
    }
}
