package dev.millrace.serve.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the page with answers that are written down, for what no shipped model says: masks,
 * vectors, labels with thresholds, fields of a class of one's own, and errors that are hard to
 * bring about. The model's name chooses the answer.
 */
final class CannedWorker implements AutoCloseable {
    /**
     * @param status of the answer
     * @param kind of the error, else empty
     */
    record Answer(String modelKind, int status, String kind, String body) {
        static Answer verdict(String modelKind, String fields) {
            return new Answer(
                    modelKind,
                    200,
                    "",
                    """
                    {"id": "1", "status": "ok", "url": "",
                     "image": {"width": 600, "height": 400, "format": "jpeg", "bytes": 56155},
                     "results": {"TASK": {"model": "m", "version": "0123456789ab", %s}},
                     "timings_ms": {"fetch": 0, "slot": 0.1, "decode": 3.2, "wait": 0.4,
                                    "infer": 11.0, "postprocess": 0.3, "total": 15.2}}
                    """
                            .formatted(fields));
        }

        static Answer error(int status, String kind, String line) {
            return new Answer("classifier", status, kind, "{\"error\": \"" + line + "\"}");
        }
    }

    /** A request for a verdict, as it came. */
    record Asked(String task, String query, String contentType, String token, byte[] body) {}

    private final Map<String, Answer> answers;
    private final Optional<String> token;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** Whether it takes requests; one that starts does not. */
    volatile boolean ready = true;

    /**
     * @param answers by the name of the model, in the order in which the page lists them
     */
    CannedWorker(Map<String, Answer> answers, Optional<String> token) throws IOException {
        this.answers = answers;
        this.token = token;
        this.server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::page);
        server.createContext("/v2/health/ready", to -> answer(to, 200, "", "{\"ready\": true}"));
        server.createContext("/v2/models", this::models);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    private void page(HttpExchange to) throws IOException {
        Optional<Page.Asset> asset = Page.asset(to.getRequestURI().getPath());
        to.getResponseHeaders().set("Content-Security-Policy", Page.CONTENT_SECURITY_POLICY);
        to.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        asset.ifPresent(one -> to.getResponseHeaders().set("Content-Type", one.contentType()));
        byte[] body = asset.map(Page.Asset::body).orElse(new byte[] {'?'});
        to.sendResponseHeaders(asset.isPresent() ? 200 : 404, body.length);
        to.getResponseBody().write(body);
        to.close();
    }

    private void models(HttpExchange to) throws IOException {
        String given = to.getRequestHeaders().getFirst("Authorization");
        byte[] body = to.getRequestBody().readAllBytes();
        if (token.isPresent() && !("Bearer " + token.get()).equals(given)) {
            answer(to, 401, "unauthorized", "{\"error\": \"the token is missing or wrong\"}");
            return;
        }
        if (!ready) {
            answer(to, 503, "not_ready", "{\"error\": \"the worker is not ready\"}");
            return;
        }
        String path = to.getRequestURI().getPath();
        if (path.equals("/v2/models")) {
            List<String> lines =
                    answers.entrySet().stream()
                            .map(
                                    one ->
                                            "{\"name\": \"%s\", \"versions\": [\"1\"], \"kind\": \"%s\"}"
                                                    .formatted(
                                                            one.getKey(),
                                                            one.getValue().modelKind()))
                            .toList();
            answer(to, 200, "", "{\"models\": [" + String.join(",", lines) + "]}");
            return;
        }
        String task = path.split("/")[3];
        asked.add(
                new Asked(
                        task,
                        to.getRequestURI().getQuery(),
                        to.getRequestHeaders().getFirst("Content-Type"),
                        given,
                        body));
        Answer one = answers.get(task);
        answer(to, one.status(), one.kind(), one.body().replace("TASK", task));
    }

    private static void answer(HttpExchange to, int status, String kind, String body)
            throws IOException {
        to.getResponseHeaders().set("Content-Type", "application/json");
        if (!kind.isEmpty()) {
            to.getResponseHeaders().set("Millrace-Error-Kind", kind);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        to.sendResponseHeaders(status, bytes.length);
        to.getResponseBody().write(bytes);
        to.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
