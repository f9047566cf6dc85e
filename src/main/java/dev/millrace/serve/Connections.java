package dev.millrace.serve;

import dev.millrace.duty.Duty;
import dev.millrace.duty.Turn;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of all callers. Where there are too many, those that wait for no answer and were
 * not used for longest are hung up on, and so is each whose request comes too slowly: none keeps
 * others out. The thread {@code callers} looks at them.
 */
final class Connections implements Duty {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** What part of the connections is hung up on at a time. */
    private static final int PART = 128;

    private final int most;
    private final Set<CallerEndPoint> open = Collections.synchronizedSet(new LinkedHashSet<>());
    private volatile boolean stopped;

    Connections(int most) {
        this.most = most;
    }

    void opened(CallerEndPoint connection) {
        List<CallerEndPoint> tooMany = List.of();
        synchronized (open) {
            open.add(connection);
            if (open.size() > most) {
                tooMany = longestUnused();
                tooMany.forEach(open::remove);
            }
        }
        tooMany.forEach(CallerEndPoint::close);
    }

    /** Some at a time, since all are looked at to find them. */
    private List<CallerEndPoint> longestUnused() {
        record Unused(CallerEndPoint connection, long sinceNs) {}

        return open.stream()
                .filter(one -> !one.isInHand())
                // What is sorted must not change meanwhile.
                .map(one -> new Unused(one, one.usedNs()))
                .sorted(Comparator.comparingLong(Unused::sinceNs))
                .limit(1 + most / PART)
                .map(Unused::connection)
                .toList();
    }

    void closed(CallerEndPoint connection) {
        open.remove(connection);
    }

    int count() {
        return open.size();
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
            return List.copyOf(open);
        }
    }

    @Override
    public void stop() {
        stopped = true;
    }
}
