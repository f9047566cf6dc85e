package dev.millrace.lab.demo;

import dev.millrace.cli.Millrace;
import dev.millrace.config.ConfigException;
import dev.millrace.resource.Deadline;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes the JVM's ahead-of-time cache for the worker: runs one by the launcher on real photos,
 * records what it loads and which of its methods are hot, and writes that into a file with which
 * the launcher starts every later one. The JVM ignores a file that does not fit its version or its
 * flags, and the launcher one that does not fit the jars, of which a list is written beside it.
 */
@Command(
        name = "train",
        description =
                "Make the cache with which a worker starts in half the time. Make it again"
                        + " after an update of Millrace or of the JDK.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the cache was made",
            "1:no cache could be made",
            "2:a mistake in the options"
        })
public final class TrainCommand implements Callable<Integer> {
    private static final String TASK = "safety";

    /** So many wait in the queue, which is never empty then. */
    private static final int BACKLOG = 200;

    /** For a start, a drain or the writing, each far longer than it takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description =
                    "Seconds that the worker is trained under load (default: ${DEFAULT-VALUE}).")
    private int seconds;

    private final Path home = Path.of(System.getProperty("millrace.home", "."));

    @Override
    public Integer call() throws Exception {
        if (seconds < 1) {
            throw new ConfigException("--seconds: '" + seconds + "' must be at least 1");
        }
        Path lib = home.resolve(Files.exists(launcher()) ? "target/lib" : "lib");
        Path place = Files.exists(launcher()) ? lib.getParent() : lib;
        Path cache = place.resolve("millrace.aot").toAbsolutePath().normalize();
        Path folder = Files.createTempDirectory("millrace-train");
        Path log = folder.resolve("log");
        try {
            long startNs = System.nanoTime();
            Path record = folder.resolve("record");
            Path made = folder.resolve("cache");
            Path config = folder.resolve("worker.yaml");
            int photos = run(config, record, log);
            // A process of its own: the one that recorded may end only so slowly.
            Process writer =
                    launch(
                            config,
                            "-XX:AOTMode=create -XX:AOTConfiguration=%s -XX:AOTCache=%s"
                                    .formatted(record, made),
                            log);
            await(writer, "the JVM did not write the cache");
            if (!Files.isRegularFile(made)) {
                throw new IOException("the JVM wrote no cache");
            }
            Path jars = cache.resolveSibling(cache.getFileName() + ".jars");
            // A cache without its list is of no use to anybody, one with another list does harm.
            Files.deleteIfExists(jars);
            Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING);
            Files.write(jars, sizes(cache.resolveSibling("millrace.jar"), lib));
            System.out.printf(
                    "%s: %d MB, trained on %d photos in %.0f s%n",
                    cache, Files.size(cache) >> 20, photos, (System.nanoTime() - startNs) / 1e9);
            return 0;
        } catch (IOException e) {
            System.err.println("millrace train: " + e.getMessage() + lastLine(log));
            return Millrace.FAILED;
        } finally {
            delete(folder);
        }
    }

    /** Size and name of each jar of a worker, in the form of {@code scripts/jdk.sh}. */
    private static List<String> sizes(Path jar, Path lib) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(Files.size(jar) + " " + jar.getFileName());
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(lib, "*.jar")) {
            for (Path one : jars) {
                lines.add(Files.size(one) + " " + one.getFileName());
            }
        }
        return lines.stream().distinct().sorted().toList();
    }

    /** A worker that is told what to record, from its start to its drain; returns its results. */
    private int run(Path config, Path record, Path log) throws IOException, InterruptedException {
        try (LocalServers servers = new LocalServers()) {
            int port = freePort();
            Files.writeString(config, yaml(servers.queue(), port));
            Process worker =
                    launch(config, "-XX:AOTMode=record -XX:AOTConfiguration=" + record, log);
            try {
                load(servers, worker);
                scrape(port);
            } finally {
                worker.destroy();
            }
            await(worker, "the worker did not end");
            return servers.sink().calledBack();
        }
    }

    /** Keeps the worker busy for a while from its first result on. */
    private void load(LocalServers servers, Process worker)
            throws IOException, InterruptedException {
        List<String> names = List.copyOf(servers.photos().names());
        Deadline end = Deadline.in(PATIENCE);
        boolean works = false;
        for (int sent = 0; !end.passed() && worker.isAlive(); ) {
            int done = servers.sink().calledBack();
            if (done > 0 && !works) {
                works = true;
                end = Deadline.in(Duration.ofSeconds(seconds));
            }
            if (sent - done < BACKLOG) {
                servers.queue()
                        .send(
                                names.stream()
                                        .map(name -> servers.body(id(), name, List.of(TASK)))
                                        .toList());
                sent += names.size();
            } else {
                Thread.sleep(5);
            }
        }
        if (!works) {
            throw new IOException("the worker called back no message");
        }
    }

    private String yaml(LocalQueue queue, int port) {
        return """
        queue: {url: "%s", endpoint: "%s", wait: 1s}
        models:
          - {task: %s, bundle: "%s"}
        device: {type: host}
        fetch: {allowAddresses: [127.0.0.0/8]}
        callback: {allowAddresses: [127.0.0.0/8]}
        http: {port: %d}
        drain: {spot: false}
        """
                .formatted(
                        queue.settings().url(),
                        queue.settings().endpoint().orElseThrow(),
                        TASK,
                        ThisMachine.engines().resolve(TASK).toAbsolutePath(),
                        port);
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    /** Of a checkout or an image; the bundle for GPU hosts has one of its own. */
    private Path launcher() {
        return home.resolve("scripts/millrace");
    }

    private Process launch(Path config, String options, Path log) throws IOException {
        ProcessBuilder command =
                new ProcessBuilder(
                        "bash",
                        (Files.exists(launcher()) ? launcher() : home.resolve("bin/millrace"))
                                .toString(),
                        "worker",
                        "--config",
                        config.toString());
        // What the user's environment says of workers is not for this one.
        command.environment().keySet().removeIf(name -> name.startsWith("MILLRACE_QUEUE"));
        command.environment().remove("MILLRACE_PROFILE");
        command.environment().put("JAVA_OPTS", options);
        return command.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static void scrape(int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
            client.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.discarding());
        }
    }

    private static void await(Process process, String otherwise)
            throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(otherwise + " within " + PATIENCE.toSeconds() + " s");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String lastLine(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? "" : "; its last line: " + lines.getLast();
        } catch (IOException e) {
            return "";
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
