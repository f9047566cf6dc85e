package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cli.Count;
import dev.millrace.config.ConfigException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives a worker on this machine a queue, images and a place for results, without a cloud. */
@Command(
        name = "queue",
        description =
                "Run an SQS-compatible queue, an image host and a sink that prints results on"
                        + " this machine, until Ctrl-C, and print the commands that use them.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "2:a mistake in the options, or a port that is taken",
            "130:ended by Ctrl-C"
        })
public final class QueueCommand implements Callable<Integer> {
    private static final int QUEUE_PORT = 9324;
    private static final int MOST_IMAGES = 3;
    private static final Path CONFIG = Path.of("examples/local.yaml");

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Folder of images to serve (default: the photos that are shipped).")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "" + QUEUE_PORT,
            description = "Port of the queue (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "9325",
            description = "Port of the image host and of the sink (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        requirePort("--port", port);
        requirePort("--http-port", httpPort);
        PhotoHost photos = folder.map(PhotoHost::of).orElseGet(PhotoHost::shipped);
        CallbackSink sink = new CallbackSink(this::print);
        try (LocalServers servers = new LocalServers(photos, sink, port, httpPort)) {
            introduce(servers);
            // Until a signal ends the process, and with it all that it holds.
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private static void requirePort(String option, int port) {
        if (port < 1 || port > 65535) {
            throw new ConfigException(option + ": '" + port + "' must be from 1 to 65535");
        }
    }

    private void introduce(LocalServers servers) {
        String queue = servers.queue().settings().url();
        out.println("queue    " + queue);
        out.println(
                "images   %s (%s)"
                        .formatted(
                                servers.images(),
                                Count.of(servers.photos().names().size(), "image")));
        out.println("results  " + servers.callbacks() + " prints each result below");
        out.println();
        out.println("In a second terminal, start a worker:");
        out.println();
        out.println(
                "  %s%s worker --config %s"
                        .formatted(
                                port == QUEUE_PORT ? "" : "MILLRACE_QUEUE_URL=" + queue + " ",
                                launcher(),
                                CONFIG));
        out.println();
        out.println("In a third terminal, send images to it:");
        out.println();
        out.println(
                "  %s submit --queue %s --tasks safety,objects --callback %s %s"
                        .formatted(launcher(), queue, servers.callbacks(), images(servers)));
        out.println();
        out.println(
                "Ctrl-C ends the queue, the image host and the sink; messages that are still in"
                        + " the queue are lost.");
        out.println();
        out.flush();
    }

    /** All of a folder, or a few of the shipped. */
    private String images(LocalServers servers) {
        if (folder.isPresent()) {
            String quoted = "'" + folder.get().toString().replace("'", "'\\''") + "'";
            return "--base-url %s %s".formatted(servers.images(), quoted);
        }
        StringJoiner urls = new StringJoiner(" ");
        servers.photos().names().stream()
                .limit(MOST_IMAGES)
                .forEach(name -> urls.add(servers.images() + name));
        return urls.toString();
    }

    private static String launcher() {
        Path home = Path.of(System.getProperty("millrace.home", "."));
        return Files.exists(home.resolve("bin/millrace")) ? "bin/millrace" : "scripts/millrace";
    }

    /** Called by the sink's threads. */
    private synchronized void print(JsonNode result) {
        StringJoiner verdicts = new StringJoiner("; ");
        for (Map.Entry<String, JsonNode> task : result.path("results").properties()) {
            verdicts.add(task.getKey() + ": " + Verdicts.of(task.getValue()));
        }
        if (result.has("error")) {
            verdicts.add(Verdicts.of(result));
        }
        String url = result.path("url").asText();
        out.printf(
                Locale.ROOT,
                "%-36s %s (%.0f ms)%n",
                url.substring(url.lastIndexOf('/') + 1),
                verdicts,
                result.path("timings_ms").path("total").asDouble());
        out.flush();
    }
}
