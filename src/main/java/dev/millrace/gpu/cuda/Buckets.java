package dev.millrace.gpu.cuda;

import java.util.stream.IntStream;

/**
 * The batch sizes that graphs are captured for: 1, 2, 3, 4, 6, 8, 12, 16 and so on, below the
 * largest batch, and the largest. A batch is padded to the next one, and less than a third of what
 * is then computed is padding. For batches of up to 128 there are 14.
 */
record Buckets(int maxBatch) {
    int count() {
        return index(maxBatch) + 1;
    }

    /** Which bucket a batch goes into. */
    int index(int batch) {
        if (batch == 1) {
            return 0;
        }
        int doublings = 32 - Integer.numberOfLeadingZeros(batch - 1);
        // Between two powers of two there is one more: three quarters of the larger.
        int between = 3 << doublings >> 2;
        return 2 * doublings - (batch <= between ? 2 : 1);
    }

    /** Rows of a bucket. */
    int rows(int index) {
        int doublings = (index + 1) / 2;
        int rows = index > 0 && index % 2 == 0 ? 3 << doublings - 1 : 1 << doublings;
        return Math.min(rows, maxBatch);
    }

    /** Rows of all buckets. */
    IntStream rows() {
        return IntStream.range(0, count()).map(this::rows);
    }
}
