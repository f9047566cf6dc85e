package dev.millrace.gpu.cuda;

import java.util.stream.IntStream;

/**
 * The batch sizes that graphs are captured for: the powers of two below the largest batch, and the
 * largest. A batch is padded to the next one, at most to twice its size.
 */
record Buckets(int maxBatch) {
    int count() {
        return index(maxBatch) + 1;
    }

    /** Which bucket a batch goes into. */
    int index(int batch) {
        return 32 - Integer.numberOfLeadingZeros(batch - 1);
    }

    /** Rows of a bucket. */
    int rows(int index) {
        return Math.min(1 << index, maxBatch);
    }

    /** Rows of all buckets. */
    IntStream rows() {
        return IntStream.range(0, count()).map(this::rows);
    }
}
