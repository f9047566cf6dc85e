package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BucketsTest {
    @Test
    void bucketsGrowByAThirdOrAHalfUpToTheLargestBatch() {
        assertArrayEquals(new int[] {1}, new Buckets(1).rows().toArray());
        assertArrayEquals(new int[] {1, 2, 3, 4, 6, 7}, new Buckets(7).rows().toArray());
        assertArrayEquals(new int[] {1, 2, 3, 4, 6, 8, 12}, new Buckets(12).rows().toArray());
        int[] most = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128};
        assertArrayEquals(most, new Buckets(128).rows().toArray());
    }

    @Test
    void lessThanAThirdOfAGraphIsPadding() {
        for (int most = 1; most <= 1024; most++) {
            Buckets buckets = new Buckets(most);
            for (int batch = 1; batch <= most; batch++) {
                int rows = buckets.rows(buckets.index(batch));
                assertTrue(3 * (rows - batch) < rows, batch + " in " + rows + " of " + most);
            }
        }
    }

    @Test
    void aBatchGoesIntoTheSmallestBucketThatHoldsIt() {
        for (int most = 1; most <= 130; most++) {
            Buckets buckets = new Buckets(most);
            for (int batch = 1; batch <= most; batch++) {
                int index = buckets.index(batch);
                assertTrue(buckets.rows(index) >= batch, batch + " of " + most);
                assertTrue(index == 0 || buckets.rows(index - 1) < batch, batch + " of " + most);
            }
        }
    }
}
