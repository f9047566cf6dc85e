package dev.millrace.serve;

import dev.millrace.duty.Duty;
import dev.millrace.duty.Turn;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of all callers. Where there are too many, this closes the oldest of those that
 * have not sent a whole request with a valid token; then those that wait for no answer, the longest
 * unused first. A quarter of the connections is reserved for callers that have sent such a request,
 * and one address may have half of the others. Each connection whose request comes too slowly is
 * closed as well. The thread {@code callers} looks for these.
 */
final class Connections implements Duty {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Of the connections, those that are reserved for callers with a whole request. */
    private static final int RESERVED_PART = 4;

    /** Of the connections, those that one address may have without a whole request. */
    private static final int ADDRESS_PART = 2;

    /** Of the connections, those that are left to newcomers: a caller begins as one. */
    private static final int NEWCOMERS_PART = 8;

    /** Of an IPv6 address: one caller has all the rest. */
    private static final int PREFIX_BYTES = 8;

    /** What a connection has sent. They are closed in this order, each the oldest first. */
    enum Standing {
        /** No valid token; where no token is configured, no whole request. */
        UNKNOWN,
        /** A valid token, and not all of the body. */
        SENDING,
        /** A whole request, which is answered. */
        IDLE,
        /** A whole request, which is being answered. Never closed for others. */
        ANSWERING
    }

    private final int max;
    private final Map<Standing, SequencedSet<CallerEndPoint>> open = new EnumMap<>(Standing.class);
    private final Map<Object, SequencedSet<CallerEndPoint>> unknown = new HashMap<>();
    private int count;
    private volatile boolean stopped;

    Connections(int max) {
        this.max = max;
        for (Standing standing : Standing.values()) {
            open.put(standing, new LinkedHashSet<>());
        }
    }

    void opened(CallerEndPoint connection) {
        List<CallerEndPoint> excess = new ArrayList<>();
        synchronized (open) {
            count++;
            add(connection, Standing.UNKNOWN);
            SequencedSet<CallerEndPoint> same = unknown.get(network(connection));
            if (same.size() > max / ADDRESS_PART) {
                excess.add(remove(same.getFirst()));
            }
            while (count > max || of(Standing.UNKNOWN).size() > max - max / RESERVED_PART) {
                CallerEndPoint next = dispensable(connection);
                if (next == null) {
                    break;
                }
                excess.add(remove(next));
            }
        }
        excess.forEach(CallerEndPoint::close);
    }

    /** The next to be closed for a newcomer; null where all others are being answered. */
    private CallerEndPoint dispensable(CallerEndPoint newcomer) {
        boolean many = of(Standing.UNKNOWN).size() > Math.max(1, max / NEWCOMERS_PART);
        for (Standing standing :
                many
                        ? List.of(Standing.UNKNOWN)
                        : List.of(Standing.IDLE, Standing.SENDING, Standing.UNKNOWN)) {
            Iterator<CallerEndPoint> oldest = of(standing).iterator();
            while (oldest.hasNext()) {
                CallerEndPoint next = oldest.next();
                if (next != newcomer) {
                    return next;
                }
            }
        }
        return null;
    }

    /** The connection stands so from now on, as the newest of its kind. */
    void now(CallerEndPoint connection, Standing standing) {
        synchronized (open) {
            // Nobody is to list one again that was closed.
            if (of(connection.standing()).remove(connection)) {
                forget(connection);
                add(connection, standing);
            }
        }
    }

    /** Its request is answered; what was no whole request leaves the connection unknown. */
    void answered(CallerEndPoint connection) {
        synchronized (open) {
            now(
                    connection,
                    connection.standing() == Standing.ANSWERING ? Standing.IDLE : Standing.UNKNOWN);
        }
    }

    private void add(CallerEndPoint connection, Standing standing) {
        connection.standing(standing);
        of(standing).add(connection);
        if (standing == Standing.UNKNOWN) {
            unknown.computeIfAbsent(network(connection), _ -> new LinkedHashSet<>())
                    .add(connection);
        }
    }

    private CallerEndPoint remove(CallerEndPoint connection) {
        if (of(connection.standing()).remove(connection)) {
            forget(connection);
            count--;
        }
        return connection;
    }

    private void forget(CallerEndPoint connection) {
        if (connection.standing() == Standing.UNKNOWN) {
            unknown.computeIfPresent(
                    network(connection),
                    (_, all) -> all.remove(connection) && all.isEmpty() ? null : all);
        }
    }

    private SequencedSet<CallerEndPoint> of(Standing standing) {
        return open.get(standing);
    }

    /** The address of IPv4, or the network of an address of IPv6. */
    private static Object network(CallerEndPoint connection) {
        if (!(connection.getRemoteSocketAddress() instanceof InetSocketAddress remote)) {
            return "";
        }
        InetAddress address = remote.getAddress();
        return address instanceof Inet6Address
                ? ByteBuffer.wrap(Arrays.copyOf(address.getAddress(), PREFIX_BYTES))
                : address;
    }

    void closed(CallerEndPoint connection) {
        synchronized (open) {
            remove(connection);
        }
    }

    int count() {
        synchronized (open) {
            return count;
        }
    }

    @Override
    public Turn turn(long nowNs) {
        LockSupport.parkNanos(LOOK_NS);
        if (stopped) {
            return Turn.DONE;
        }
        long lookNs = System.nanoTime();
        all().stream().filter(one -> one.isOverdue(lookNs)).forEach(Connections::hangUp);
        return Turn.WORKED;
    }

    private static void hangUp(CallerEndPoint connection) {
        connection.close(new TimeoutException("the request came too slowly"));
    }

    private List<CallerEndPoint> all() {
        synchronized (open) {
            List<CallerEndPoint> all = new ArrayList<>(count);
            open.values().forEach(all::addAll);
            return all;
        }
    }

    @Override
    public void stop() {
        stopped = true;
    }
}
