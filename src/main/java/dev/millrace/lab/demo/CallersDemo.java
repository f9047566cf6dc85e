package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.batch.Queueless;
import dev.millrace.cli.Count;
import dev.millrace.config.Serving;
import dev.millrace.config.WorkerConfig;
import dev.millrace.serve.ServeSettings;
import dev.millrace.source.QueueSettings;
import dev.millrace.verify.SamplePhotos;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker without a queue, and callers that post it the shipped photos and wait for their
 * verdicts, a few at a time, each with the JDK's client. Used once.
 */
final class CallersDemo {
    /** That wait at a time. */
    private static final int CALLERS = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SETTLE = Duration.ofSeconds(10);

    /** A worker that has callers alone asks none. */
    static final QueueSettings NO_QUEUE =
            ThisMachine.queue(
                    "http://127.0.0.1/000000000000/none", URI.create("http://127.0.0.1"), PATIENCE);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> tasks;
    private final int messages;
    private final Map<String, byte[]> photos = SamplePhotos.all();
    private final List<String> names = List.copyOf(photos.keySet());
    private final AtomicInteger next = new AtomicInteger();
    private final List<Long> tookNs = new ArrayList<>();
    private final Map<String, JsonNode> results = new TreeMap<>();
    private final Map<String, Integer> failures = new TreeMap<>();
    private URI server;

    /**
     * @param messages photos to send for each task
     */
    CallersDemo(List<String> tasks, int messages) {
        this.tasks = tasks;
        this.messages = messages;
    }

    /** Starts a worker, sends it the photos, says what came of them, and returns the exit code. */
    int run(WorkerConfig config, PrintStream out) throws InterruptedException {
        ServeSettings settings = Serving.of(0, ServeSettings.LOOPBACK, 1, config.fetch().limits());
        try (Worker worker = Queueless.load(config, settings)) {
            worker.begin();
            server =
                    URI.create(
                            "http://%s:%d/"
                                    .formatted(settings.bind(), worker.servePort().orElseThrow()));
            out.println(
                    "%s for %s on %s, posted to %s by %d callers that wait"
                            .formatted(
                                    Count.of(messages, "photo"),
                                    String.join(" and ", tasks),
                                    worker.device().description(),
                                    server,
                                    CALLERS));
            send(out);
            worker.drain(SETTLE);
        }
        return tookNs.size() == messages * tasks.size() ? 0 : 1;
    }

    private void send(PrintStream out) {
        long startNs = System.nanoTime();
        try (HttpClient client =
                        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                all.add(callers.submit(() -> call(client, messages * tasks.size())));
            }
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        out.println();
        VerdictTable.print(out, tasks, photos.keySet(), results);
        out.println();
        if (!tookNs.isEmpty()) {
            percentiles(seconds, out);
        }
        failures.forEach((what, times) -> out.println(Count.of(times, "request") + ": " + what));
    }

    /** One caller, which sends its next photo when it has the verdict of the one before. */
    private Void call(HttpClient client, int most) throws InterruptedException {
        for (int i = next.getAndIncrement(); i < most; i = next.getAndIncrement()) {
            String task = tasks.get(i % tasks.size());
            String photo = names.get(i / tasks.size() % names.size());
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    server.resolve("v2/models/" + task + "/infer?format=verdict"))
                            .header("Content-Type", "application/octet-stream")
                            .timeout(PATIENCE)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(photos.get(photo)))
                            .build();
            long startNs = System.nanoTime();
            try {
                HttpResponse<String> answer =
                        client.send(request, HttpResponse.BodyHandlers.ofString());
                answered(photo, answer, System.nanoTime() - startNs);
            } catch (IOException e) {
                failed(e.toString());
            }
        }
        return null;
    }

    private synchronized void answered(String photo, HttpResponse<String> answer, long took)
            throws IOException {
        JsonNode result = JSON.readTree(answer.body());
        if (answer.statusCode() != 200) {
            failed(photo + ": HTTP " + answer.statusCode() + ": " + result.path("error").asText());
            return;
        }
        tookNs.add(took);
        // Of several tasks each has an answer of its own.
        results.merge(
                "/" + photo,
                result,
                (before, more) -> {
                    ObjectNode both = (ObjectNode) more;
                    both.withObject("/results").setAll((ObjectNode) before.path("results"));
                    return both;
                });
    }

    private synchronized void failed(String what) {
        failures.merge(what, 1, Integer::sum);
    }

    private void percentiles(double seconds, PrintStream out) {
        List<Long> sorted = tookNs.stream().sorted().toList();
        out.printf(
                Locale.ROOT,
                "%s answered, %.1f images/s; each took %.1f ms in the median, 90 %% at most %.1f,"
                        + " 99 %% at most %.1f, the slowest %.1f%n",
                Count.of(sorted.size(), "request"),
                sorted.size() / seconds,
                at(sorted, 0.5),
                at(sorted, 0.9),
                at(sorted, 0.99),
                at(sorted, 1));
    }

    /** In milliseconds. */
    private static double at(List<Long> sorted, double share) {
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1)) / 1e6;
    }
}
