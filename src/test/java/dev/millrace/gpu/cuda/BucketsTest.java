package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BucketsTest {
    @Test
    void bucketsArePowersOfTwoAndTheLargestBatch() {
        assertArrayEquals(new int[] {1}, new Buckets(1).rows().toArray());
        assertArrayEquals(new int[] {1, 2, 4, 8}, new Buckets(8).rows().toArray());
        assertArrayEquals(new int[] {1, 2, 4, 8, 12}, new Buckets(12).rows().toArray());
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
