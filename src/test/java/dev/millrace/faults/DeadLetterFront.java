package dev.millrace.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands before a queue server, writes down when messages were sent, and ends its client's process
 * when the server has done a call that the client has not heard of yet.
 */
final class DeadLetterFront implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TARGET = "X-Amz-Target";

    private final URI server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer front;

    // Guarded by this.
    private final List<Sent> sent = new ArrayList<>();
    private String fatal = "";
    private int left;
    private Process victim;

    /** A call that sent messages. */
    record Sent(long ns, int messages) {}

    DeadLetterFront(URI server) throws IOException {
        this.server = server;
        this.front =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        front.setExecutor(threads);
        front.createContext("/", this::serve);
        front.start();
    }

    String url() {
        return "http://127.0.0.1:" + front.getAddress().getPort() + "/000000000000/images";
    }

    /** The process ends by the next call but {@code calls} of this kind. */
    synchronized void killAt(String action, int calls, Process process) {
        fatal = action;
        left = calls;
        victim = process;
        sent.clear();
    }

    /** What was sent since the last {@link #killAt}. */
    synchronized List<Sent> sent() {
        return List.copyOf(sent);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String target = exchange.getRequestHeaders().getFirst(TARGET);
            byte[] request = exchange.getRequestBody().readAllBytes();
            String action = target.split("\\.")[1];
            JsonNode call = JSON.readTree(request);
            if (action.equals("SendMessageBatch")) {
                sent(new Sent(System.nanoTime(), call.path("Entries").size()));
            }
            HttpResponse<byte[]> response =
                    client.send(
                            HttpRequest.newBuilder(server.resolve("/"))
                                    .header("Content-Type", "application/x-amz-json-1.0")
                                    .header(TARGET, target)
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            done(action);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            byte[] body = response.body();
            exchange.sendResponseHeaders(
                    response.statusCode(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void sent(Sent one) {
        sent.add(one);
    }

    private void done(String action) throws InterruptedException {
        Process killed = null;
        synchronized (this) {
            if (action.equals(fatal) && left-- == 0) {
                killed = victim;
            }
        }
        if (killed != null) {
            killed.destroyForcibly().waitFor();
        }
    }

    @Override
    public void close() {
        front.stop(0);
        threads.shutdownNow();
        client.shutdownNow();
    }
}
