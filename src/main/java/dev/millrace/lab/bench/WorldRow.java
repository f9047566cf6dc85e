package dev.millrace.lab.bench;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

/**
 * Surroundings in which {@code bench --world} measures the configuration {@code millrace}. The
 * first is the laboratory, with which the others are compared.
 */
enum WorldRow {
    LABORATORY(
            "50 image hosts at 30 ms, the queue answers at once",
            "--hosts 50 --latency 30ms --jitter 5ms --queue-latency 0ms --cold"),
    ONE_HOST(
            "one image host at 30 ms, the queue at once",
            "--hosts 1 --latency 30ms --jitter 5ms --queue-latency 0ms"),
    FAR(
            "one image host at 100 ms, the queue at 15 ms",
            "--hosts 1 --latency 100ms --jitter 20ms --queue-latency 15ms"),
    SHORT_ANSWERS(
            "the same with short answers of the queue",
            "--hosts 1 --latency 100ms --jitter 20ms --queue-latency 15ms --short-answers"),
    HTTPS(
            "the laboratory by https",
            "--hosts 50 --latency 30ms --jitter 5ms --queue-latency 0ms --https"),
    HTTPS_SESSION(
            "https, a connection for each image, the session resumed",
            "--hosts 50 --latency 30ms --jitter 5ms --queue-latency 0ms --https --reuse session"),
    HTTPS_NOTHING(
            "https, a connection and a full handshake for each image",
            "--hosts 50 --latency 30ms --jitter 5ms --queue-latency 0ms --https --reuse nothing"),
    COMPUTED(
            "the laboratory, the model computed on the CPU",
            "--hosts 50 --latency 30ms --jitter 5ms --queue-latency 0ms --device host"),
    STEADY(
            "200 images/s by chance, downloads of 100 ± 50 ms, profile latency",
            "--hosts 50 --latency 100ms --jitter 50ms --queue-latency 0ms --profile latency"
                    + " --rate 200 --poisson");

    /** Of the line of a row that has first seconds. */
    static final String FIRST_SECONDS = "the same, first 10 s of a process";

    private final String surroundings;
    private final String options;

    WorldRow(String surroundings, String options) {
        this.surroundings = surroundings;
        this.options = options;
    }

    /** The name in the JSON. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For a person. */
    String surroundings() {
        return surroundings;
    }

    /** Of {@code bench}, for this row alone. */
    String options() {
        return options;
    }

    /** Whether the figures of a fixed rate count, and not those of a queue that is never empty. */
    boolean atRate() {
        return options.contains("--rate");
    }

    /** The row's own options, and all others as they were given. */
    BenchSettings settings(BenchSettings given) {
        BenchSettings settings = new BenchSettings();
        CommandLine line = new CommandLine(settings).setCaseInsensitiveEnumValuesAllowed(true);
        List<String> all = given.everywhere();
        if (!atRate()) {
            all.add("--rate=0");
        }
        all.addAll(List.of(options.split(" ")));
        line.parseArgs(all.toArray(String[]::new));
        return settings;
    }
}
