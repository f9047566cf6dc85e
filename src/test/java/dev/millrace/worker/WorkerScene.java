package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A queue, an internet, and workers in this process whose leftovers are looked for. */
final class WorkerScene implements AutoCloseable {
    private static final String PHOTO = "mpu-300x250-city-night.jpg";

    final TestQueue queue;
    final Loopback internet;
    private final Path folder;
    private final Set<Thread> before;
    private int sent;

    /**
     * @param queue is empty, and the caller's to close
     */
    WorkerScene(TestQueue queue, Path folder) throws IOException {
        this.queue = queue;
        this.internet = new Loopback();
        this.folder = folder;
        this.before = Thread.getAllStackTraces().keySet();
    }

    /** What a worker is told, where a test says nothing else. */
    static Map<String, String> settings() {
        return new TreeMap<>(
                Map.of(
                        // For the test that asks for a GPU, and must find none anywhere.
                        "MILLRACE_DEVICE_INDEX", "15",
                        "MILLRACE_QUEUE_WAIT", "0s",
                        "MILLRACE_FETCH_ALLOW_ADDRESSES", "127.0.0.0/8",
                        "MILLRACE_CALLBACK_ALLOW_ADDRESSES", "127.0.0.0/8",
                        "MILLRACE_CALLBACK_TIMEOUT", "60s",
                        "MILLRACE_DEVICE_TYPE", "host",
                        "MILLRACE_DRAIN_SPOT", "false",
                        "MILLRACE_HTTP_PORT", "0",
                        "MILLRACE_STATE_DIRECTORY", "state",
                        "MILLRACE_TRACE", "trace.json"));
    }

    WorkerConfig config(Map<String, String> settings) throws IOException {
        Path file = folder.resolve("worker.yaml");
        Files.writeString(
                file,
                """
                queue:
                  url: %s
                  receivers: 1
                models:
                  - {task: colors, bundle: %s}
                """
                        .formatted(
                                queue.url(),
                                Path.of("src/test/resources/engines/colors").toAbsolutePath()));
        return ConfigReader.read(file, settings);
    }

    Worker load() throws IOException {
        return Worker.load(config(settings()));
    }

    /** Sends a message for a photo; returns its id. */
    String send() {
        return send(internet.photo(PHOTO));
    }

    String send(String url) {
        String id = "m" + sent++;
        queue.send(
                List.of(
                        """
                        {"id": "%s", "url": "%s", "task": "colors", "callback_url": "%s"}"""
                                .formatted(id, url, internet.sink())));
        return id;
    }

    /** The status of a path at a worker's port; 0 where nobody listens. */
    static int status(Worker worker, String path) throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + worker.httpPort().orElseThrow() + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /** What is behind a path at a worker's port. */
    static String text(Worker worker, String path) throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + worker.httpPort().orElseThrow() + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** No thread of a worker runs, and no file of its is open. */
    void nothingIsLeft() throws Exception {
        nothingIsLeft(3);
    }

    void nothingIsLeft(int seconds) throws Exception {
        Loopback.awaitUntil(() -> threads().isEmpty(), seconds, () -> "left: " + threads());
        assertEquals(List.of(), openFiles());
    }

    /** Threads that are ours: those of the clients' libraries end when they are idle. */
    List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .filter(
                        thread ->
                                Stream.of(thread.getStackTrace())
                                        .anyMatch(
                                                frame ->
                                                        frame.getClassName()
                                                                .startsWith("dev.millrace.duty")))
                .map(Thread::getName)
                .sorted()
                .toList();
    }

    private List<Path> openFiles() throws IOException {
        List<Path> open = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                try {
                    open.add(Files.readSymbolicLink(file));
                } catch (NoSuchFileException e) {
                    // The one of the list itself.
                }
            }
        }
        Path here = folder.toRealPath();
        return open.stream().filter(file -> file.startsWith(here)).toList();
    }

    @Override
    public void close() {
        internet.close();
        queue.client().purgeQueue(request -> request.queueUrl(queue.url()));
    }
}
