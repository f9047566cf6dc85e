package dev.millrace.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
 * of one domain have a quarter of the threads at most. Those that ask for one name at one time
 * share one lookup.
 */
final class SystemResolver implements Resolver, AutoCloseable {
    static final int MAX_LOOKUPS = 256;
    static final int MAX_PER_DOMAIN = MAX_LOOKUPS / 4;

    private final long timeoutNs;
    private final Lookup system;
    private final ExecutorService lookups;
    private final Map<String, Integer> perDomain = new ConcurrentHashMap<>();
    private final Map<String, Running> newest = new ConcurrentHashMap<>();

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

    /**
     * One call of the resolver, for all that ask for the name meanwhile.
     *
     * @param addresses completes when the call ends
     */
    private record Running(CompletableFuture<InetAddress[]> addresses, long beganNs) {}

    @Override
    public List<InetAddress> resolve(String host) throws UnknownHostException {
        try {
            return List.of(running(host).get(timeoutNs, TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw unknown(host, new LookupRefusedException("its name servers do not answer"));
        } catch (ExecutionException e) {
            throw unknown(host, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(host, new LookupRefusedException("the worker is ending"));
        }
    }

    /**
     * The lookup of this name that runs, else a new one. One that takes long is not joined: the
     * answer of its name server may be lost, and a new question need not wait for that.
     */
    private Future<InetAddress[]> running(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        Running mine = new Running(new CompletableFuture<>(), System.nanoTime());
        Running joined =
                newest.compute(
                        name,
                        (_, other) ->
                                other == null || mine.beganNs - other.beganNs > timeoutNs / 2
                                        ? mine
                                        : other);
        if (joined == mine) {
            try {
                start(name, mine);
            } catch (LookupRefusedException e) {
                newest.remove(name, mine);
                mine.addresses.completeExceptionally(e);
            }
        }
        return joined.addresses;
    }

    private void start(String name, Running mine) throws LookupRefusedException {
        String domain = domain(name);
        if (perDomain.merge(domain, 1, Integer::sum) > MAX_PER_DOMAIN) {
            ended(domain);
            throw new LookupRefusedException("too many names of its domain are being looked up");
        }
        try {
            lookups.execute(() -> lookup(name, domain, mine));
        } catch (RejectedExecutionException e) {
            ended(domain);
            throw new LookupRefusedException("too many names are being looked up");
        }
    }

    /** Nobody may be waiting for it any more; it counts until it ends all the same. */
    private void lookup(String name, String domain, Running mine) {
        InetAddress[] addresses = null;
        Throwable failure = null;
        try {
            addresses = system.of(name);
        } catch (UnknownHostException | RuntimeException | Error e) {
            failure = e;
        }
        ended(domain);
        // First, so that nobody joins what has ended: no failure is remembered.
        newest.remove(name, mine);
        if (failure == null) {
            mine.addresses.complete(addresses);
        } else {
            mine.addresses.completeExceptionally(failure);
        }
    }

    private void ended(String domain) {
        perDomain.computeIfPresent(domain, (_, count) -> count == 1 ? null : count - 1);
    }

    /** The last two labels: whoever owns them answers for the names below. */
    private static String domain(String name) {
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
