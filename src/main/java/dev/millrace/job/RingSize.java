package dev.millrace.job;

import java.util.Optional;

/**
 * How many slots a model's ring has. Images differ in what they cost and the ring is in order, so
 * while the slowest is decoded the other threads go on behind it: with eight slots for each thread
 * nearly all of them find one. Batches need a few of their own. Rows that are large are given less
 * room.
 *
 * @param slots a power of two
 * @param wanted what it would be with small rows
 * @param rowBytes page-locked memory of one slot
 */
public record RingSize(int slots, int wanted, long rowBytes) {
    private static final int PER_THREAD = 8;
    private static final int BATCHES = 4;
    private static final int LEAST = 16;

    /** For each preprocess thread; a machine with that many cores has memory to match. */
    private static final long BYTES_PER_THREAD = 16L << 20;

    private static final long LEAST_BYTES = 256L << 20;

    /**
     * @param threads that write rows
     * @param rowBytes of all tensors of one image
     */
    public static RingSize of(int threads, int maxBatch, long rowBytes) {
        int wanted =
                powerOfTwo(Math.max(LEAST, Math.max(PER_THREAD * threads, BATCHES * maxBatch)));
        int least = powerOfTwo(2 * maxBatch);
        long most = Math.max(LEAST_BYTES, BYTES_PER_THREAD * threads);
        int slots = wanted;
        while (slots > least && slots * rowBytes > most) {
            slots /= 2;
        }
        return new RingSize(slots, wanted, rowBytes);
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(atLeast - 1) * 2;
    }

    /** Why there are fewer slots than the threads and batches call for; one line. */
    public Optional<String> reason() {
        return slots == wanted
                ? Optional.empty()
                : Optional.of(
                        ("the ring has %s rows, since %s rows would take %s MiB; some"
                                        + " preprocess threads may have to wait while one image takes long")
                                .formatted(slots, wanted, wanted * rowBytes >> 20));
    }
}
