package dev.millrace.testing;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on loopback that can go down and come back on its port. */
public final class FlakyServer implements AutoCloseable {
    private final HttpHandler handler;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final int port;
    private HttpServer server;

    public FlakyServer(HttpHandler handler) throws IOException {
        this.handler = handler;
        server = open(0);
        port = server.getAddress().getPort();
    }

    private HttpServer open(int at) throws IOException {
        HttpServer opened =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 512);
        opened.setExecutor(threads);
        opened.createContext("/", handler);
        opened.start();
        return opened;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** From now on it refuses connections. */
    public void goDown() {
        server.stop(0);
    }

    public void comeBack() throws IOException {
        server = open(port);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
