package dev.millrace.net;

import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The host's resolver on threads of its own. Its native call knows no timeout and would hold the
 * carrier of a virtual thread, so that a few dead name servers could stop every download.
 */
final class SystemResolver implements Resolver, AutoCloseable {
    private static final int MAX_LOOKUPS = 256;

    private final long timeoutNs;
    private final ExecutorService lookups;

    SystemResolver(Duration timeout) {
        this.timeoutNs = timeout.toNanos();
        this.lookups =
                new ThreadPoolExecutor(
                        0,
                        MAX_LOOKUPS,
                        10,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().name("resolve-", 0).factory());
    }

    @Override
    public List<InetAddress> resolve(String host) throws UnknownHostException {
        try {
            Future<InetAddress[]> lookup = lookups.submit(() -> InetAddress.getAllByName(host));
            return List.of(lookup.get(timeoutNs, TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            throw unknown(host, e);
        } catch (TimeoutException e) {
            throw unknown(host, new SocketTimeoutException("the name server does not answer"));
        } catch (ExecutionException e) {
            throw unknown(host, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(host, e);
        }
    }

    private static UnknownHostException unknown(String host, Throwable cause) {
        UnknownHostException unknown = new UnknownHostException(host);
        unknown.initCause(cause);
        return unknown;
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
