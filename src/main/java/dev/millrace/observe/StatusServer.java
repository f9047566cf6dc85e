package dev.millrace.observe;

import dev.millrace.config.ConfigException;
import dev.millrace.config.StatusAccess;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.TaskGroup;
import dev.millrace.resource.Deadline;
import dev.millrace.serve.BrowserGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Serves {@code /metrics}, {@code /v2/health/live} and {@code /v2/health/ready}, pages that are
 * added, and takes {@code POST /drain} where that is wanted. It has no login, so web pages of other
 * origins get nothing ({@link BrowserGuard}), and a client gets a few seconds and a thread of its
 * own, and the oldest of too many is hung up on: none can keep health from the others. Clients come
 * in on the thread {@code status}, which also ends what is overdue.
 */
public final class StatusServer implements AutoCloseable {
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);
    private static final int BACKLOG = 128;
    private static final int MAX_CLIENTS = 64;
    private static final int LOOK_MS = 250;

    private final ServerSocket server;
    private final Map<String, Function<StatusClient, StatusClient.Answer>> pages =
            new ConcurrentHashMap<>();
    private final BrowserGuard guard;
    private final Set<StatusClient> clients = Collections.synchronizedSet(new LinkedHashSet<>());
    private final TaskGroup threads = new TaskGroup("status");
    private final DutyThread thread;

    /**
     * @param duties gives it its thread
     */
    public StatusServer(
            int port,
            StatusAccess access,
            Supplier<String> metrics,
            BooleanSupplier live,
            BooleanSupplier ready,
            Duties duties) {
        try {
            guard =
                    new BrowserGuard(
                            StatusAccess.HOSTS_KEY, access.bind(), access.allowedHosts(), false);
            server = new ServerSocket(port, BACKLOG, InetAddress.getByName(access.bind()));
            server.setSoTimeout(LOOK_MS);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(e.getMessage());
        } catch (IOException e) {
            throw new ConfigException(
                    "http.port: %s of %s cannot be opened (%s); choose a free port, and in http.bind an address of this machine"
                            .formatted(port, access.bind(), e.getMessage()));
        }
        pages.put("/metrics", _ -> text(metrics));
        pages.put("/v2/health/live", _ -> health(live.getAsBoolean()));
        pages.put("/v2/health/ready", _ -> health(ready.getAsBoolean()));
        thread = duties.thread("status", this::turn);
        thread.start();
    }

    private static StatusClient.Answer text(Supplier<String> metrics) {
        return StatusClient.Answer.text(
                200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
    }

    /**
     * From now on who asks for Prometheus' binary format gets it; everybody else gets text, which
     * cannot carry native histograms.
     */
    public void binary(Supplier<byte[]> binary, Supplier<String> text) {
        pages.put(
                "/metrics",
                client ->
                        client.accepts("application/vnd.google.protobuf")
                                ? new StatusClient.Answer(200, Metrics.BINARY, binary.get())
                                : text(text));
    }

    /**
     * From now on a GET of a path is answered with this.
     *
     * @param headers more of them, each with its line's end
     * @param body not to be changed; asked for on the client's thread
     */
    public void page(String path, String type, String headers, Supplier<byte[]> body) {
        pages.put(path, _ -> new StatusClient.Answer(200, type, headers, body.get()));
    }

    private static StatusClient.Answer health(boolean good) {
        return StatusClient.Answer.plain(good ? 200 : 503, good ? "ok\n" : "no\n");
    }

    /**
     * From now on a POST of {@code /drain} with the header {@code Millrace-Request: drain} begins a
     * drain, and is answered when that has ended. No form of a web page can send that header.
     *
     * @param drain begins it, and completes when it has ended
     */
    public void drainBy(Supplier<CompletableFuture<Void>> drain) {
        pages.put(
                StatusClient.DRAIN,
                client -> {
                    client.await(drain.get());
                    return StatusClient.Answer.plain(200, "drained\n");
                });
    }

    public int port() {
        return server.getLocalPort();
    }

    private Turn turn(long nowNs) {
        try {
            take(server.accept());
        } catch (SocketTimeoutException e) {
            // A time to look at the clients.
        } catch (IOException e) {
            // Closed, or out of files for now; the pause keeps a core free meanwhile.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        }
        hangUpOnOverdue();
        return Turn.WORKED;
    }

    private void take(Socket socket) {
        StatusClient client = new StatusClient(socket, pages, guard, clients::remove);
        Optional<StatusClient> tooMany;
        synchronized (clients) {
            clients.add(client);
            tooMany = clients.size() > MAX_CLIENTS ? oldest() : Optional.empty();
            tooMany.ifPresent(clients::remove);
        }
        tooMany.ifPresent(StatusClient::hangUp);
        threads.start(client);
    }

    /** One that waits for the end of a drain is the last to go. */
    private Optional<StatusClient> oldest() {
        return clients.stream()
                .filter(client -> !client.isWaiting())
                .findFirst()
                .or(() -> clients.stream().findFirst());
    }

    private void hangUpOnOverdue() {
        List.copyOf(clients).stream().filter(StatusClient::isOverdue).forEach(StatusClient::hangUp);
    }

    /** Gives those who wait for the end of a drain a moment to hear of it. */
    @Override
    public void close() {
        Deadline deadline = Deadline.in(LAST_ANSWERS);
        while (List.copyOf(clients).stream().anyMatch(StatusClient::isWaiting)
                && !deadline.passed()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        thread.stop();
        try {
            server.close();
        } catch (IOException e) {
            // There is nothing else to do with it.
        }
        List.copyOf(clients).forEach(StatusClient::hangUp);
    }
}
