package dev.millrace.job;

import dev.millrace.resource.Mutex;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How many messages may be in flight. They obey {@code in flight ≤ completions per second ×
 * visibility timeout}, so that what is admitted can be finished before its lease ends; the rate is
 * measured while there is work. And they follow what the worker's calls need ({@link #follow}): as
 * many as a worker has that waits for nobody, and twice as many as are in calls at a time. So the
 * bound grows while calls are what the worker waits for, and stops where its cores or its device
 * are, since then no more are in calls, however many are admitted. Guarded by the lock of {@link
 * Admission}, which those take that are public.
 */
public final class MessageBound {
    private final int maxMessages;
    private final int floor;
    private final CompletionRate rate;
    private final Mutex lock;
    private volatile IntSupplier waitingElsewhere = () -> 0;
    private volatile IntSupplier most = () -> Integer.MAX_VALUE;
    private boolean follows;
    private double visibilitySeconds;

    MessageBound(int maxMessages, int floor, double visibilitySeconds, long nowNs, Mutex lock) {
        this.maxMessages = maxMessages;
        this.floor = Math.min(floor, maxMessages);
        this.visibilitySeconds = visibilitySeconds;
        this.rate = new CompletionRate(nowNs);
        this.lock = lock;
    }

    /**
     * Leaves messages that wait for somebody else, their leases kept, out of the bound that follows
     * from the rate: they say nothing about the worker's speed, and a few of them would otherwise
     * keep all others out. They count against the most that may be in flight.
     */
    public void besides(IntSupplier messagesThatWait) {
        waitingElsewhere = messagesThatWait;
    }

    /** Leases are of another length from now on. */
    public void leases(double seconds) {
        try (var _ = lock.hold()) {
            visibilitySeconds = seconds;
        }
    }

    /**
     * Bounds the messages beside those that wait for somebody else, for a reason that has nothing
     * to do with how fast the worker is.
     */
    public void atMost(IntSupplier messagesThatWork) {
        most = messagesThatWork;
    }

    /**
     * Bounds the messages by what the calls need, and not only by the most that may be in flight.
     *
     * @param slots of all rings
     * @param callsNs how long the calls have taken that only wait for others, by message: calls of
     *     the queue, downloads once they have their turn, callbacks
     */
    public void follow(IntSupplier slots, LongSupplier... callsNs) {
        try (var _ = lock.hold()) {
            rate.measure(slots, List.of(callsNs));
            follows = true;
        }
    }

    CompletionRate rate() {
        return rate;
    }

    /** Closes the windows of the rate that are over. */
    void roll(long nowNs, int inFlight) {
        rate.roll(nowNs, inFlight - waitingElsewhere.getAsInt());
    }

    /** What {@link #atMost} allows, whatever the rate. */
    int forReasonsOfItsOwn() {
        return most.getAsInt();
    }

    /**
     * How many there may be now.
     *
     * @param inCalls as many at least are taken to be in calls
     */
    int now(int inCalls) {
        double bound = maxMessages;
        if (follows) {
            bound = rate.enough(inCalls);
        }
        if (rate.isKnown()) {
            bound = Math.min(bound, Math.max(floor, rate.perSecond() * visibilitySeconds));
        }
        bound = Math.min(bound, most.getAsInt());
        return (int) Math.min(bound + waitingElsewhere.getAsInt(), maxMessages);
    }
}
