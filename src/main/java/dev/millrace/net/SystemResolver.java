package dev.millrace.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
 * carrier of a virtual thread, so that a few dead name servers could stop every download. The names
 * of one domain have a quarter of the threads at most.
 */
final class SystemResolver implements Resolver, AutoCloseable {
    static final int MAX_LOOKUPS = 256;
    static final int MAX_PER_DOMAIN = MAX_LOOKUPS / 4;

    private final long timeoutNs;
    private final Lookup system;
    private final ExecutorService lookups;
    private final Map<String, Integer> running = new ConcurrentHashMap<>();

    /** Asks name servers; takes as long as they take. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] of(String host) throws UnknownHostException;
    }

    SystemResolver(Duration timeout) {
        this(timeout, InetAddress::getAllByName);
    }

    SystemResolver(Duration timeout, Lookup system) {
        this.timeoutNs = timeout.toNanos();
        this.system = system;
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
            return List.of(submit(host).get(timeoutNs, TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw unknown(host, new LookupRefusedException("its name servers do not answer"));
        } catch (ExecutionException e) {
            throw unknown(host, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(host, new LookupRefusedException("the worker is ending"));
        }
    }

    private Future<InetAddress[]> submit(String host) throws UnknownHostException {
        String domain = domain(host);
        if (running.merge(domain, 1, Integer::sum) > MAX_PER_DOMAIN) {
            ended(domain);
            throw unknown(
                    host,
                    new LookupRefusedException("too many names of its domain are being looked up"));
        }
        try {
            return lookups.submit(() -> lookup(host, domain));
        } catch (RejectedExecutionException e) {
            ended(domain);
            throw unknown(host, new LookupRefusedException("too many names are being looked up"));
        }
    }

    /** Nobody may be waiting for it any more; it counts until it ends all the same. */
    private InetAddress[] lookup(String host, String domain) throws UnknownHostException {
        try {
            return system.of(host);
        } finally {
            ended(domain);
        }
    }

    private void ended(String domain) {
        running.computeIfPresent(domain, (_, count) -> count == 1 ? null : count - 1);
    }

    /** The last two labels: whoever owns them answers for the names below. */
    private static String domain(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int end = name.endsWith(".") ? name.length() - 1 : name.length();
        int dot = name.lastIndexOf('.', end - 1);
        return name.substring(dot < 0 ? 0 : name.lastIndexOf('.', dot - 1) + 1, end);
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
