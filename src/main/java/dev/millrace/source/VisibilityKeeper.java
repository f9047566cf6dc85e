package dev.millrace.source;

import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Keeps received messages hidden in the queue until they are settled. Each is extended every third
 * of its visibility timeout, by the monotonic clock, while images of it wait, and until its
 * deadline once the work on the last of them began; a message whose time ran out without an
 * extension has lost its lease. The thread {@code visibility} finds what is due and waits for no
 * single call; the calls run beside each other. The other methods are for any thread.
 */
public final class VisibilityKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VisibilityKeeper.class);

    private static final long MAX_TICK_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * Calls beside each other: 10,000 leases are extended within 1.3 s at a round trip of 20 ms.
     */
    static final int MAX_CALLS = 16;

    private final BatchCalls calls;
    private final ConcurrentCalls running;
    private final long tickNs;
    private final Counters counters;
    private final int visibilitySeconds;
    private final long visibilityNs;
    private final long deadlineNs;
    private final Map<Message, Lease> leases = new ConcurrentHashMap<>();
    private final LimitedLog failures = new LimitedLog(LOG);
    private final LimitedLog losses = new LimitedLog(LOG);
    private final DutyThread thread;
    private volatile boolean ending;

    /**
     * @param duties gives it its thread
     */
    public VisibilityKeeper(
            SqsClient client, QueueSettings settings, Counters counters, Duties duties) {
        this(
                client,
                settings,
                new ConcurrentCalls("visibility-call", 1, MAX_CALLS, BatchCalls.MAX),
                counters,
                duties);
    }

    /**
     * @param running runs the calls
     */
    VisibilityKeeper(
            SqsClient client,
            QueueSettings settings,
            ConcurrentCalls running,
            Counters counters,
            Duties duties) {
        this.calls = new BatchCalls(client, settings.url());
        this.running = running;
        this.counters = counters;
        this.visibilitySeconds = settings.visibilitySeconds();
        this.visibilityNs = settings.visibility().toNanos();
        this.deadlineNs = settings.deadline().toNanos();
        this.tickNs = Math.min(MAX_TICK_NS, visibilityNs / 30);
        this.thread = duties.thread("visibility", this::turn, tickNs, Duration.ZERO);
    }

    /** Takes care of a message from its receipt on. */
    public void track(Message message) {
        leases.put(message, new Lease(message, visibilityNs, deadlineNs));
    }

    /** Drops a message for which nothing more will be said to the queue. */
    public void forget(Message message) {
        leases.remove(message);
    }

    /** The messages that are tracked and not settled. */
    public Collection<Message> inFlight() {
        return leases.keySet().stream().filter(message -> !message.isSettled()).toList();
    }

    /** How long ago the oldest message that is not settled was received; 0 where there is none. */
    public long oldestNs(long nowNs) {
        return inFlight().stream()
                .mapToLong(message -> nowNs - message.delivery().receivedNs())
                .reduce(0, Math::max);
    }

    /**
     * Ends the heartbeats of a message, so that none can overtake what is said for it next and hide
     * it again.
     *
     * @return false while one is on its way; ask again then
     */
    boolean silence(Message message) {
        Lease lease = leases.get(message);
        return lease == null || lease.silence() || ending;
    }

    /**
     * Begins no further heartbeats and lets nobody wait for one that is on its way, which may hang.
     * Only the end of the process may follow.
     */
    public void abandon() {
        ending = true;
        thread.stop();
    }

    /** Whether the queue may by now have given the message to somebody else. */
    public boolean isOver(Message message) {
        return isOver(message, System.nanoTime());
    }

    boolean isOver(Message message, long nowNs) {
        Lease lease = leases.get(message.whole());
        return lease == null ? message.leaseLost() : lease.isOver(nowNs);
    }

    public void start() {
        thread.start();
    }

    private Turn turn(long nowNs) throws InterruptedException {
        int tried = doWork(nowNs);
        if (running.hangs(nowNs)) {
            // What the other calls do must not hide it.
            LockSupport.parkNanos(tickNs);
            return Turn.UNFINISHED;
        }
        return tried > 0 ? Turn.WORKED : Turn.IDLE;
    }

    /** Extends what is due, for a second at most; says how many leases it tried to extend. */
    int doWork(long nowNs) throws InterruptedException {
        List<Lease> due = due(nowNs);
        Deadline deadline = Deadline.in(Duration.ofNanos(MAX_TICK_NS));
        int tried = 0;
        for (int from = 0; from < due.size(); from += BatchCalls.SIZE) {
            // A queue that does not answer is left alone until the next round.
            if (running.isPaused(nowNs)
                    || !running.isFree(nowNs) && !running.await(deadline.left())) {
                break;
            }
            List<Lease> batch =
                    due.subList(from, Math.min(from + BatchCalls.SIZE, due.size())).stream()
                            .filter(lease -> lease.beginBeat(nowNs))
                            .toList();
            if (!batch.isEmpty()) {
                running.begin(nowNs, () -> extend(batch, nowNs));
            }
            tried += batch.size();
        }
        return tried;
    }

    private List<Lease> due(long nowNs) {
        List<Lease> due = new ArrayList<>();
        for (Lease lease : leases.values()) {
            if (lease.message().leaseLost()) {
                continue;
            }
            if (lease.isOver(nowNs)) {
                losses.warn(
                        "the lease of message %s ended before its work did; the queue will deliver the message to another receiver"
                                .formatted(lease.message().id()));
            } else if (lease.isDue(nowNs)) {
                due.add(lease);
            }
        }
        return due;
    }

    /** One call, on a thread of its own. Counts time from before it, to be on the safe side. */
    private ConcurrentCalls.Ending extend(List<Lease> batch, long nowNs) {
        long tryAgainNs = nowNs + visibilityNs / 12;
        try {
            Map<Integer, String> refused =
                    calls.changeVisibility(
                            batch.stream().map(Lease::message).toList(),
                            Collections.nCopies(batch.size(), visibilitySeconds));
            for (int i = 0; i < batch.size(); i++) {
                if (refused.containsKey(i)) {
                    batch.get(i).endBeat(tryAgainNs);
                } else {
                    batch.get(i).extended(nowNs + visibilityNs, nowNs + visibilityNs / 3);
                }
            }
            counters.add(Counter.HEARTBEATS, batch.size() - refused.size());
            refused.values()
                    .forEach(
                            why ->
                                    failures.warn(
                                            "the queue did not extend the lease of a"
                                                    + " message: "
                                                    + why));
            return ConcurrentCalls.Ending.MORE;
        } catch (RuntimeException e) {
            batch.forEach(lease -> lease.endBeat(tryAgainNs));
            failures.warn("the leases of messages cannot be extended: " + LimitedLog.reason(e));
            return ConcurrentCalls.Ending.FAILED;
        }
    }

    /** Ends the heartbeats; those that are on their way may arrive. */
    @Override
    public void close() {
        thread.close();
        running.end(BatchCalls.MAX);
    }
}
