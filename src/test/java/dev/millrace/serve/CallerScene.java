package dev.millrace.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.batch.Queueless;
import dev.millrace.config.Serving;
import dev.millrace.config.WorkerConfig;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.source.QueueSettings;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** A worker in this process that has callers and no queue, and a client of HTTP. */
public final class CallerScene implements AutoCloseable {
    static final String PHOTO = "photo-600x400-coffee.jpg";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public final Worker worker;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * @param models as {@link Workers#config} has them
     */
    public CallerScene(String... models) {
        this(settings -> settings, config(64, models));
    }

    /**
     * @param settings changes those by default
     */
    public CallerScene(UnaryOperator<ServeSettings> settings, WorkerConfig config) {
        ServeSettings all =
                settings.apply(Serving.of(0, ServeSettings.LOOPBACK, 1, FetchLimits.DEFAULTS));
        worker = Queueless.load(config, all);
        worker.begin();
    }

    static WorkerConfig config(int messages, String... models) {
        return Workers.config(
                QueueSettings.of("http://127.0.0.1/none/none", _ -> {}), messages, models);
    }

    public URI at(String path) {
        return URI.create("http://127.0.0.1:" + worker.servePort().orElseThrow() + path);
    }

    public HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(at(path)).timeout(PATIENCE).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    /**
     * @param headers names and values by turns
     */
    public HttpRequest post(String path, byte[] body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at(path))
                        .timeout(PATIENCE)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    public HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    public CompletableFuture<HttpResponse<byte[]>> begin(HttpRequest request) {
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The answer to a photo that is the body. */
    public HttpResponse<byte[]> infer(String task, byte[] photo)
            throws IOException, InterruptedException {
        return send(post("/v2/models/" + task + "/infer", photo, "Content-Type", "image/*"));
    }

    /** How long the device has computed, by the worker's metrics. */
    double computedMicros() throws IOException, InterruptedException {
        return metric("nv_inference_compute_infer_duration_us");
    }

    /** Of all series with this name. */
    double metric(String name) throws IOException, InterruptedException {
        return observed("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + '{') || line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What the live page shows. */
    JsonNode status() throws IOException, InterruptedException {
        return JSON.readTree(observed("/status.json"));
    }

    private String observed(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + worker.httpPort().orElseThrow() + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    static String kind(HttpResponse<byte[]> answer) {
        return answer.headers().firstValue("Millrace-Error-Kind").orElse("");
    }

    static byte[] photo() throws IOException {
        return Files.readAllBytes(Path.of("src/main/resources/dev/millrace/verify/photos", PHOTO));
    }

    @Override
    public void close() {
        worker.close();
        http.close();
    }
}
