package dev.millrace.net;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Bounds how many calls go to one host at a time, so that a slow host holds no more than its share.
 * First come, first served. Keeps nothing of a host that nobody calls. Thread-safe.
 */
public final class HostLimiter {
    private final int perHost;
    private final ConcurrentHashMap<String, Host> hosts = new ConcurrentHashMap<>();

    public HostLimiter(int perHost) {
        this.perHost = perHost;
    }

    /** Waits for a slot of the host; the caller closes it. */
    public Slot acquire(String host) throws InterruptedException {
        Host entry =
                hosts.compute(
                        host,
                        (name, known) -> {
                            Host used = known == null ? new Host(perHost) : known;
                            used.users++;
                            return used;
                        });
        try {
            entry.slots.acquire();
        } catch (InterruptedException e) {
            leave(host);
            throw e;
        }
        return () -> {
            entry.slots.release();
            leave(host);
        };
    }

    private void leave(String host) {
        hosts.compute(host, (name, known) -> --known.users == 0 ? null : known);
    }

    /** Hosts that are called or waited for now. */
    public int hosts() {
        return hosts.size();
    }

    /** The right to call a host; closed once. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    private static final class Host {
        private final Semaphore slots;

        /** Holders and waiters; guarded by the map's lock on the key. */
        private int users;

        Host(int perHost) {
            this.slots = new Semaphore(perHost, true);
        }
    }
}
