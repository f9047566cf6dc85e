package dev.millrace.lab.demo;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.config.ConfigException;
import dev.millrace.resource.Resources;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What surrounds a worker, on ports of 127.0.0.1: a queue, an image host and a sink for results.
 */
final class LocalServers implements AutoCloseable {
    private static final Duration VISIBILITY = Duration.ofSeconds(60);
    private static final int MAX_RECEIVES = 5;
    private static final int WAITING_CONNECTIONS = 1024;

    private final Resources resources = new Resources();
    private final PhotoHost photos;
    private final CallbackSink sink;
    private final LocalQueue queue;
    private final String base;

    /** Of the shipped photos, on free ports. */
    LocalServers() throws IOException {
        this(PhotoHost.shipped(), new CallbackSink(), 0, 0);
    }

    /**
     * Throws {@link ConfigException} where a port is taken.
     *
     * @param queuePort 0 for a free one
     * @param httpPort of image host and sink, 0 for a free one
     */
    LocalServers(PhotoHost photos, CallbackSink sink, int queuePort, int httpPort)
            throws IOException {
        this.photos = photos;
        this.sink = sink;
        try {
            requireFree(httpPort);
            requireFree(queuePort);
            ExecutorService threads = resources.own(Executors.newVirtualThreadPerTaskExecutor());
            HttpServer http = HttpServer.create(address(httpPort), WAITING_CONNECTIONS);
            resources.own(() -> http.stop(0));
            http.setExecutor(threads);
            http.createContext(PhotoHost.PATH, photos::serve);
            http.createContext(CallbackSink.PATH, sink::take);
            this.base = "http://127.0.0.1:" + http.getAddress().getPort();
            this.queue = resources.own(new LocalQueue(queuePort, MAX_RECEIVES, VISIBILITY));
            http.start();
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Asked first, since the queue's server would say it in words of its own. */
    private static void requireFree(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(address(port));
        } catch (BindException e) {
            throw new ConfigException(
                    "port %s of 127.0.0.1 is taken (%s); end what listens there, or choose another port"
                            .formatted(port, e.getMessage()));
        }
    }

    LocalQueue queue() {
        return queue;
    }

    CallbackSink sink() {
        return sink;
    }

    PhotoHost photos() {
        return photos;
    }

    /** Where the images are, for a base URL: with a slash at the end. */
    String images() {
        return base + PhotoHost.PATH;
    }

    /** Where results are taken. */
    String callbacks() {
        return base + CallbackSink.PATH;
    }

    /** The body of a message for one of the photos. */
    String body(String id, String photo, List<String> tasks) {
        String name = URLEncoder.encode(photo, StandardCharsets.UTF_8).replace("+", "%20");
        return LocalQueue.body(id, images() + name, tasks, callbacks());
    }

    @Override
    public void close() {
        resources.close();
    }
}
