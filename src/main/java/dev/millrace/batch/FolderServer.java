package dev.millrace.batch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the files of a folder to the worker in the same process, on a port of 127.0.0.1 and below
 * a path that nobody else knows.
 */
final class FolderServer implements AutoCloseable {
    private static final int WAITING_CONNECTIONS = 1024;

    static {
        // Otherwise each answer of the JDK's server waits 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final Path folder;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final String path = "/" + UUID.randomUUID() + "/";

    FolderServer(Path folder) throws IOException {
        this.folder = folder.toRealPath();
        server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        WAITING_CONNECTIONS);
        server.setExecutor(threads);
        server.createContext(path, this::serve);
        server.start();
    }

    /** Where the files are, without a slash at the end. */
    String url() {
        String slash = "http://127.0.0.1:" + server.getAddress().getPort() + path;
        return slash.substring(0, slash.length() - 1);
    }

    /** The path of a file, of the URL that it is served at; another URL as it is. */
    String name(String url) {
        String before = url() + "/";
        if (!url.startsWith(before)) {
            return url;
        }
        String encoded = url.substring(before.length());
        return FolderImages.text(encoded).orElse(encoded);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Path file = file(exchange.getRequestURI().getRawPath().substring(path.length()));
            if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            if (!Files.isReadable(file)) {
                exchange.sendResponseHeaders(403, -1);
                return;
            }
            long bytes = Files.size(file);
            exchange.sendResponseHeaders(200, bytes == 0 ? -1 : bytes);
            Files.copy(file, exchange.getResponseBody());
        }
    }

    /** The folder where a path is none. */
    private Path file(String encoded) {
        try {
            return Path.of(URI.create(folder.toUri() + encoded)).normalize();
        } catch (IllegalArgumentException e) {
            return folder;
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
