package dev.millrace.net;

import dev.millrace.job.Room;
import dev.millrace.resource.Mutex;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Shares out the calls that may run at a time among hosts. A host may have {@link #ALPHA} times as
 * many as there are free (the dynamic threshold of switches with a shared memory, by Choudhury and
 * Hahne), and always a few: one alone has four fifths, two have four ninths each, and there is room
 * for a newcomer. A host whose calls fail gets fewer, and an operator may cap it.
 *
 * <p>Who waits for a turn holds what others need, too. So a caller is refused where more wait than
 * run at a host whose calls fail, and, if it may come again, where a host has in hand more than
 * four fifths of what there may be soon while others are called. First come, first served at each
 * host. Thread-safe.
 */
public final class HostLimiter {
    /** Calls at a time that any host may have, whatever others do. */
    static final int FLOOR = 8;

    private static final int ALPHA = 4;
    private static final int MAX_HOSTS = 1024;

    /** After which a host that nobody called is judged anew. */
    private static final long MEMORY_NS = TimeUnit.SECONDS.toNanos(30);

    /** In which others must have called for a host to give way to them. */
    private static final long RECENT_NS = TimeUnit.SECONDS.toNanos(1);

    private final Room room;
    private final ToIntFunction<String> caps;
    private final Mutex lock = new Mutex();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    // Those at which somebody waits; the next to be looked at is the first.
    private final Deque<Host> crowded = new ArrayDeque<>();
    private final RecentHosts recent = new RecentHosts(System.nanoTime() - RECENT_NS);
    private int running;
    private volatile int waiting;

    /**
     * @param room how many calls and waiters there may be at a time
     * @param caps by host how many calls at a time an operator allows
     */
    public HostLimiter(Room room, ToIntFunction<String> caps) {
        this.room = room;
        this.caps = caps;
    }

    /**
     * Caps each host but those of a list.
     *
     * @param perHost calls at a time
     */
    public static ToIntFunction<String> cap(int perHost, HostList exempt) {
        return host -> exempt.contains(host) ? Integer.MAX_VALUE : perHost;
    }

    /**
     * Waits for a turn at the host; the caller closes it.
     *
     * @param mayComeAgain whether the caller can try later, so that it gives way to others
     */
    public Turn acquire(String name, boolean mayComeAgain)
            throws InterruptedException, TurnRefusedException {
        try (var _ = lock.hold()) {
            Host host = enter(name);
            TurnWaiter waiter = null;
            boolean granted = false;
            try {
                host.serve();
                if (host.waiters.isEmpty() && host.running < share(host)) {
                    host.run();
                } else {
                    host.refuse(mayComeAgain);
                    waiter = new TurnWaiter(lock.newCondition());
                    host.await(waiter);
                }
                granted = true;
            } finally {
                if (!granted) {
                    host.left(waiter);
                }
            }
            return new Turn(host);
        }
    }

    private Host enter(String name) {
        recent.called(name, System.nanoTime());
        Host host = hosts.get(name);
        if (host != null && host.isIdle() && System.nanoTime() - host.endedNs > MEMORY_NS) {
            hosts.remove(name);
            host = null;
        }
        if (host == null) {
            forgetOne();
            host = new Host(name, caps.applyAsInt(name));
            hosts.put(name, host);
        }
        return host;
    }

    /** Hosts are named by strangers. */
    private void forgetOne() {
        Iterator<Host> all = hosts.values().iterator();
        for (int excess = hosts.size() - MAX_HOSTS; excess >= 0 && all.hasNext(); ) {
            if (all.next().isIdle()) {
                all.remove();
                excess--;
            }
        }
    }

    /** How many calls the host may have now. */
    private int share(Host host) {
        int own = Math.min(host.cap, host.health.limit());
        int few = Math.min(own, FLOOR);
        // Whoever knows the room is asked only where it matters.
        return host.running < few
                ? few
                : Math.min(own, Math.max(FLOOR, ALPHA * (room.limit() - running)));
    }

    /** Lets in whoever has a share by now, one of each host in turn. */
    private void serve() {
        int left = crowded.size();
        while (left-- > 0) {
            Host host = crowded.remove();
            if (host.running < share(host)) {
                host.letIn();
                // Whoever is left has another chance after this one.
                left = crowded.size() + (host.waiters.isEmpty() ? 0 : 1);
            }
            if (!host.waiters.isEmpty()) {
                crowded.add(host);
            }
        }
    }

    /** Hosts that are called or waited for now, and those whose calls failed of late. */
    public int hosts() {
        try (var _ = lock.hold()) {
            return hosts.size();
        }
    }

    /** Callers that wait for their host's turn. */
    public int waiting() {
        return waiting;
    }

    /** The right to call a host; closed once. */
    public final class Turn implements AutoCloseable {
        private final Host host;
        private Boolean success;

        private Turn(Host host) {
            this.host = host;
        }

        /** Says how the call ended; one that says nothing about its host is not said. */
        public void ended(boolean success) {
            this.success = success;
        }

        @Override
        public void close() {
            try (var _ = lock.hold()) {
                if (success != null) {
                    host.health.ended(success, host.running, room::limit);
                    host.shed();
                }
                host.running--;
                running--;
                host.left(null);
                serve();
            }
        }
    }

    /** Guarded by the lock. */
    private final class Host {
        private final String name;
        private final int cap;
        private final HostHealth health = new HostHealth(FLOOR);
        private final Deque<TurnWaiter> waiters = new ArrayDeque<>();
        private int running;
        private long endedNs;

        Host(String name, int cap) {
            this.name = name;
            this.cap = cap;
        }

        boolean isIdle() {
            return running == 0 && waiters.isEmpty();
        }

        void run() {
            running++;
            HostLimiter.this.running++;
        }

        void letIn() {
            waiting--;
            waiters.remove().grant();
            run();
        }

        /** Lets in those who came before one that comes now. */
        void serve() {
            if (!waiters.isEmpty()) {
                while (!waiters.isEmpty() && running < share(this)) {
                    letIn();
                }
                if (waiters.isEmpty()) {
                    crowded.remove(this);
                }
            }
        }

        /** Throws if one more is not to wait. */
        void refuse(boolean mayComeAgain) throws TurnRefusedException {
            if (health.isFailing() && waiters.size() >= health.limit()) {
                throw new TurnRefusedException(true);
            }
            if (mayComeAgain
                    && recent.areOthersThan(name, System.nanoTime() - RECENT_NS)
                    && hasMost()) {
                throw new TurnRefusedException(false);
            }
        }

        /** Of what there may be soon: a host that fills is no host that keeps others out. */
        private boolean hasMost() {
            int calls = HostLimiter.this.running;
            int most = Math.max(room.limitFor(calls), calls + waiting);
            return running + waiters.size() >= most - most / (ALPHA + 1);
        }

        void await(TurnWaiter waiter) throws InterruptedException, TurnRefusedException {
            if (waiters.isEmpty()) {
                crowded.add(this);
            }
            waiters.add(waiter);
            waiting++;
            waiter.await();
        }

        /** Refuses those who wait in vain, the last to come first. */
        void shed() {
            // Some stay: the limit is never 0.
            while (health.isFailing() && waiters.size() > health.limit()) {
                waiting--;
                waiters.removeLast().refuse();
            }
        }

        /**
         * Somebody does not call any more, or never did.
         *
         * @param waiter that gave up, if one did
         */
        void left(TurnWaiter waiter) {
            if (waiter != null && waiter.isGranted()) {
                running--;
                HostLimiter.this.running--;
                serve();
            } else if (waiter != null && waiters.remove(waiter)) {
                waiting--;
                if (waiters.isEmpty()) {
                    crowded.remove(this);
                }
            }
            if (isIdle()) {
                endedNs = System.nanoTime();
                if (health.isGood()) {
                    hosts.remove(name);
                }
            }
        }
    }
}
