package dev.millrace.serve;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.millrace.deliver.CallerAnswers;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.job.Admission;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Tracing;
import dev.millrace.resource.Resources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server for callers that wait for their answers. Listens from when it is made, and says
 * that it is not ready until the worker is. Each request has a virtual thread; the server's own
 * threads are few.
 */
public final class CallServer implements AutoCloseable {
    private static final int THREADS = 8;
    private static final int HEAD_BYTES = 8 << 10;
    private static final int ACCEPT_QUEUE = 1024;
    private static final int MAX_CONNECTIONS = 8192;

    /** Between two requests, and beyond the deadline of one. */
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Resources resources = new Resources();
    private final Server server;
    private final CallerConnector connector;
    private final Callers callers;
    private final CallCounts counts = new CallCounts();
    private final Connections connections;

    /**
     * What the server needs to know of its worker.
     *
     * @param models that are served now
     * @param live as the worker's health says
     * @param ready likewise
     * @param entrance takes over the images
     * @param settled is told how each ended
     * @param answers writes them
     * @param tracing says to which trace a request belongs
     * @param maxImages in the worker at a time, of callers and the queue
     * @param maxBytes likewise
     * @param maxImageBytes of one image
     */
    public record Surroundings(
            Supplier<List<ServedModel>> models,
            BooleanSupplier live,
            BooleanSupplier ready,
            Entrance entrance,
            BiConsumer<Message, Outcome> settled,
            CallerAnswers answers,
            Tracing tracing,
            Admission admission,
            int maxImages,
            long maxBytes,
            int maxImageBytes) {}

    /**
     * @throws IOException where the port cannot be opened
     * @throws IllegalArgumentException with one line where certificate or key cannot be used
     */
    public CallServer(ServeSettings settings, Surroundings around, Duties duties)
            throws IOException {
        Share share =
                new Share(
                        around.admission(),
                        Math.max(1, (int) (settings.share() * around.maxImages())),
                        (long) (settings.share() * around.maxBytes()));
        this.callers = new Callers(share, around.entrance(), around.settled());
        this.connections = new Connections(maxConnections());
        Inference inference =
                new Inference(
                        settings,
                        around.maxImageBytes(),
                        callers,
                        around.answers(),
                        around.tracing());
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("call");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("call-"));
        this.server = new Server(threads);
        server.setErrorHandler(new ProtocolErrors());
        server.setHandler(
                new Router(
                        settings,
                        around.models(),
                        around.live(),
                        around.ready(),
                        callers,
                        inference,
                        counts));
        this.connector = new CallerConnector(server, connections, protocols(settings));
        connector.setHost(settings.bind());
        connector.setPort(settings.port());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(IDLE.plus(settings.deadline()).toMillis());
        server.addConnector(connector);
        start();
        DutyThread thread = duties.thread("callers", connections);
        resources.own(thread::stop);
        resources.own(this::stop);
        thread.start();
    }

    private static ConnectionFactory[] protocols(ServeSettings settings) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEAD_BYTES);
        // RFC 9110 allows lines that end with LF alone, which a proxy may read otherwise.
        http.setHttpCompliance(HttpCompliance.STRICT);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        return settings.tls()
                .map(
                        tls ->
                                new ConnectionFactory[] {
                                    new SslConnectionFactory(
                                            PemFiles.context(tls), plain.getProtocol()),
                                    plain
                                })
                .orElseGet(() -> new ConnectionFactory[] {plain});
    }

    private static int maxConnections() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean system
                ? Math.clamp(system.getMaxFileDescriptorCount() / 2, 64, MAX_CONNECTIONS)
                : MAX_CONNECTIONS;
    }

    private void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            stop();
            throw e;
        } catch (Exception e) {
            stop();
            throw new IOException(e);
        }
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            // It was asked to end, and whatever it did not close ends with the process.
        }
    }

    public int port() {
        return connector.getLocalPort();
    }

    public CallCounts counts() {
        return counts;
    }

    /** Images of callers that are in the worker. */
    public int images() {
        return callers.share().images();
    }

    /** Connections that are open. */
    public int connections() {
        return connections.count();
    }

    /** From now on requests are answered with 503; those that were taken go on. */
    public void drain() {
        callers.drain();
    }

    /** Waits until those that were taken are answered; says whether they are. */
    public boolean await(Duration timeout) {
        return callers.await(timeout);
    }

    /** Answers those that are still there with 503. */
    public void giveBack() {
        callers.giveBack();
    }

    @Override
    public void close() {
        callers.giveBack();
        resources.close();
    }
}
