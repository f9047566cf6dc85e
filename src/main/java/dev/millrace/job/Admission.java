package dev.millrace.job;

import dev.millrace.resource.Mutex;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The one throttle. A permit is taken for each message before the queue is asked for it and
 * returned when the queue has taken its outcome; a download reserves its bytes when its host has
 * said how many, and returns them when its image is decoded. When permits do not come back, polling
 * stops.
 *
 * <p>Large texts of messages and large results are counted beside the downloads when they are
 * there, without a wait, and leave less for those; a share of them stops polling. One download is
 * always let through, so that what is counted already cannot stop what would settle it.
 *
 * <p>How many messages there may be is {@link MessageBound}'s to say. Thread-safe.
 */
public final class Admission implements Room {
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Of the limit; a worker with few messages in flight does not wait for all of them. */
    private static final int WORTH_WAITING_FOR = 4;

    /** After which a receiver that waits in vain does another turn. */
    private static final long TURN_NS = TimeUnit.SECONDS.toNanos(1);

    /** How often a paused worker asks the queue nevertheless. */
    private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(10);

    private final int maxMessages;
    private final long patienceNs;
    private final LongSupplier clock;

    private final Mutex lock = new Mutex();
    // Of what receivers wait for; downloads give bytes back far more often than permits change.
    private final Condition admissible = lock.newCondition();
    private final ByteBudget bytes;
    // Permits that are taken, those of running polls included, and how many of them are such.
    private int messages;
    private int polling;
    // Images of messages of several that have none.
    private int waiting;
    private final ImagesPerMessage images = new ImagesPerMessage();
    private boolean closed;
    private volatile BooleanSupplier paused = () -> false;
    private volatile IntSupplier callers = () -> 0;
    private long admittedNs;

    private final MessageBound bound;

    /**
     * @param maxMessages in flight at most, whatever the rate
     * @param maxBytes of downloads, large texts and large results in flight at most
     * @param floor in flight that the rate never forbids, so that a stalled worker can measure a
     *     rate again
     * @param patienceNs how long a receiver waits for more permits, so that a busy worker asks for
     *     full batches; 0 where it takes what there is
     */
    public Admission(
            int maxMessages, long maxBytes, int floor, double visibilitySeconds, long patienceNs) {
        this(maxMessages, maxBytes, floor, visibilitySeconds, patienceNs, System::nanoTime);
    }

    /**
     * @param clock in the place of {@link System#nanoTime}
     */
    public Admission(
            int maxMessages,
            long maxBytes,
            int floor,
            double visibilitySeconds,
            long patienceNs,
            LongSupplier clock) {
        this.clock = clock;
        long nowNs = clock.getAsLong();
        this.patienceNs = patienceNs;
        this.maxMessages = maxMessages;
        this.bytes = new ByteBudget(maxBytes, lock::newCondition);
        this.bound = new MessageBound(maxMessages, floor, visibilitySeconds, nowNs, lock);
        this.admittedNs = nowNs;
    }

    /**
     * Pauses admission while there is nobody to take results. A few messages are admitted now and
     * then all the same: they may be for somebody who does, and then the pause ends.
     */
    public void pauseWhile(BooleanSupplier nobodyTakes) {
        paused = nobodyTakes;
    }

    /**
     * Leaves room for images that callers wait for. They are no messages of the queue, and say
     * nothing of its rate.
     */
    public void beside(IntSupplier images) {
        callers = images;
    }

    /** What the number of messages follows. */
    public MessageBound bound() {
        return bound;
    }

    /**
     * Takes up to {@code wanted} message permits for a poll, which {@link #polled} ends; waits
     * until there is one and bytes are left, and a little for more.
     *
     * @return how many; 0 where there was none within a second, and once admission is closed
     */
    public int acquire(int wanted) throws InterruptedException {
        try (var _ = lock.hold()) {
            long nowNs = clock.getAsLong();
            long patientUntilNs = nowNs + patienceNs;
            long untilNs = nowNs + TURN_NS;
            for (; !closed && nowNs - untilNs < 0; nowNs = clock.getAsLong()) {
                int free = freeToPoll(nowNs);
                int enough =
                        nowNs - patientUntilNs < 0
                                ? Math.clamp(limitNow() / WORTH_WAITING_FOR, 1, wanted)
                                : 1;
                if (free >= enough && bytes.isLeft()) {
                    return take(Math.min(wanted, free), nowNs);
                }
                // The limit also moves with time, so look again now and then.
                long waitNs = free > 0 && patienceNs > 0 ? patienceNs : LOOK_AGAIN_NS;
                admissible.await(waitNs, TimeUnit.NANOSECONDS);
            }
            return 0;
        }
    }

    /** The same without a wait. */
    public int tryAcquire(int wanted) {
        try (var _ = lock.hold()) {
            long nowNs = clock.getAsLong();
            int free = freeToPoll(nowNs);
            return free > 0 && bytes.isLeft() && !closed ? take(Math.min(wanted, free), nowNs) : 0;
        }
    }

    /** For so many messages there is room. While images wait there is none. */
    private int freeToPoll(long nowNs) {
        int free = free(nowNs);
        if (waiting > 0) {
            return 0;
        }
        return images.messages(free, polling);
    }

    private int take(int count, long nowNs) {
        messages += count;
        polling += count;
        admittedNs = nowNs;
        return count;
    }

    private int free(long nowNs) {
        if (!paused.getAsBoolean()) {
            bound.roll(nowNs, held());
            return Math.min(limitNow(), maxMessages - callers.getAsInt()) - messages;
        }
        // What is not taken says nothing about the worker's speed.
        bound.rate().skip(nowNs);
        return nowNs - admittedNs < LOOK_NS
                ? 0
                : Math.min(maxMessages - callers.getAsInt() - messages, bound.forReasonsOfItsOwn());
    }

    /**
     * Reserves bytes for what a caller sends, before those downloads that wait; says whether it
     * did.
     */
    public boolean reserveAhead(long wanted) {
        try (var _ = lock.hold()) {
            return bytes.reserveAhead(wanted);
        }
    }

    /** A poll has ended; returns the permits that the queue had no message for. */
    public void polled(int permits, int arrived) {
        polled(permits, arrived, arrived);
    }

    /**
     * The same for messages that are taken by now.
     *
     * @param imagesOfAll that they have
     */
    public void polled(int permits, int arrived, int imagesOfAll) {
        try (var _ = lock.hold()) {
            polling -= permits;
            messages -= permits - arrived;
            if (arrived > 0) {
                bound.rate().working();
                images.came(arrived, imagesOfAll);
            }
            admissible.signalAll();
        }
    }

    /** Returns permits that are for no message in the end. */
    public void unused(int count) {
        try (var _ = lock.hold()) {
            messages -= count;
            admissible.signalAll();
        }
    }

    /**
     * More images of messages of several wait for a permit, or less. They go before further polls.
     */
    void waiting(int more) {
        try (var _ = lock.hold()) {
            waiting += more;
            if (waiting == 0) {
                admissible.signalAll();
            }
        }
    }

    /**
     * Takes permits for images that wait, at once.
     *
     * @param least of them, also where none is free
     * @return how many; up to {@code wanted}, as far as they are free
     */
    int more(int wanted, int least) {
        try (var _ = lock.hold()) {
            int taken = Math.clamp(free(clock.getAsLong()), least, wanted);
            messages += taken;
            waiting(-taken);
            return taken;
        }
    }

    /** By the clock of the rate. */
    long nowNs() {
        return clock.getAsLong();
    }

    /** Counts bytes that are there already; {@link #release} takes them back. */
    public void keep(long textBytes) {
        try (var _ = lock.hold()) {
            bytes.keep(textBytes);
        }
    }

    /**
     * Returns the permits of messages, and what they held, once the queue has taken their outcomes;
     * at once, so that a receiver wakes up once for them.
     */
    public void release(Message... ended) {
        long reservedBytes = 0;
        long textBytes = 0;
        for (Message message : ended) {
            reservedBytes += message.heldBytes(RequestUsage::takeBody);
            textBytes += message.heldBytes(RequestUsage::takeTexts);
        }
        try (var _ = lock.hold()) {
            messages -= ended.length;
            bound.rate().completed(ended.length);
            bound.roll(clock.getAsLong(), held());
            bytes.giveBack(reservedBytes, textBytes);
            admissible.signalAll();
        }
    }

    /**
     * Reserves bytes for a download before it reads them; waits until they are free, first come
     * first served, so that small images do not keep a large one waiting for ever. Called from a
     * fetch task that holds no bytes.
     */
    public void reserve(long wanted) throws InterruptedException {
        try (var _ = lock.hold()) {
            bytes.reserve(wanted);
        }
    }

    /** Reserves bytes if they are free now and nobody waits for them; says whether it did. */
    public boolean tryReserve(long wanted) {
        try (var _ = lock.hold()) {
            return bytes.tryReserve(wanted);
        }
    }

    /** Returns bytes that a download does not need, or not any more. */
    public void giveBack(long unneeded) {
        try (var _ = lock.hold()) {
            if (bytes.giveBack(unneeded, 0)) {
                admissible.signalAll();
            }
        }
    }

    /** Ends admission: every waiting and later {@link #acquire} returns 0. */
    public void close() {
        try (var _ = lock.hold()) {
            closed = true;
            admissible.signalAll();
        }
    }

    /** Messages that the queue has handed over and that are not settled yet. */
    public int inFlight() {
        try (var _ = lock.hold()) {
            return held();
        }
    }

    /** Permits that are taken: messages in flight, and what running polls may bring. */
    public int taken() {
        try (var _ = lock.hold()) {
            return messages;
        }
    }

    /** Bytes of downloads, large texts and large results in flight. */
    public long bytesInFlight() {
        try (var _ = lock.hold()) {
            return bytes.taken();
        }
    }

    /** How many messages may be in flight now. */
    @Override
    public int limit() {
        return limitFor(0);
    }

    @Override
    public int limitFor(int inCalls) {
        try (var _ = lock.hold()) {
            bound.roll(clock.getAsLong(), held());
            return bound.now(inCalls);
        }
    }

    /** Messages that the worker has. Those that end before their poll does count as polled. */
    private int held() {
        return Math.max(0, messages - polling);
    }

    private int limitNow() {
        return bound.now(0);
    }
}
