package dev.millrace.lab.demo;

import dev.millrace.config.ConfigDraft;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.source.QueueSettings;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a worker is told whose queue, image host and sink for callbacks are on this machine. */
public final class ThisMachine {
    private static final List<String> LOOPBACK = List.of("127.0.0.0/8");

    private ThisMachine() {}

    /** The folder with a bundle for each task. */
    public static Path engines() {
        return Path.of(System.getProperty("millrace.home", "."), "engines");
    }

    /**
     * The bundle that is meant by a task of a command line: a folder of {@code engines/} by its
     * name, or any folder by its path from where the command was started.
     *
     * @throws ConfigException with one line, if there is neither
     */
    static Path bundle(String task) {
        for (Path folder : List.of(engines().resolve(task), Path.of(task))) {
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        throw new ConfigException(
                "--tasks: '%s' is neither a folder of engines/, where there are %s, nor a path of another"
                        .formatted(task, names(engines())));
    }

    private static String names(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return String.join(
                    ", ", entries.map(entry -> entry.getFileName().toString()).sorted().toList());
        } catch (IOException e) {
            return "none (the folder is missing; start scripts/millrace from a checkout)";
        }
    }

    /** What {@code --simulate} says. Throws {@link ConfigException} with one line. */
    public static SimulatedCost cost(String text) {
        try {
            return SimulatedCost.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--simulate: '" + text + "': " + e.getMessage());
        }
    }

    /** What a worker with a port for it says at {@code /metrics}. */
    static String metrics(Worker worker) throws IOException, InterruptedException {
        String url = "http://127.0.0.1:" + worker.httpPort().orElseThrow() + "/metrics";
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    /** Polls are short, so that nothing ends with a long one. */
    public static QueueSettings queue(String url, URI endpoint, Duration visibility) {
        return QueueSettings.of(
                url,
                draft -> {
                    draft.endpoint = Optional.of(endpoint);
                    draft.visibility = visibility;
                    draft.waitTime = Duration.ofSeconds(1);
                });
    }

    /**
     * Does what {@link #around(ConfigDraft)} does, and sets how many downloads one host gets.
     *
     * @param downloads at a time from the one host that all images come from
     */
    public static void around(ConfigDraft draft, int downloads) {
        around(draft);
        WorkerConfig.Fetch fetch = draft.fetch;
        draft.fetch =
                new WorkerConfig.Fetch(
                        fetch.limits().withPerHost(downloads),
                        fetch.ownHosts(),
                        fetch.allowAddresses(),
                        fetch.maxReceives(),
                        fetch.s3());
    }

    /** Opens the addresses of this machine and switches off what only a cloud has. */
    public static void around(ConfigDraft draft) {
        WorkerConfig.Fetch fetch = draft.fetch;
        draft.fetch =
                new WorkerConfig.Fetch(
                        fetch.limits(),
                        fetch.ownHosts(),
                        LOOPBACK,
                        fetch.maxReceives(),
                        fetch.s3());
        draft.callback = draft.callback.withAddresses(LOOPBACK, List.of());
        draft.drain = WorkerConfig.DrainTriggers.ON_SIGNALS;
        draft.httpPort = Optional.empty();
        draft.reload = Duration.ZERO;
        draft.trace = Optional.empty();
    }
}
