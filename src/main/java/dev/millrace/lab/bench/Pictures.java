package dev.millrace.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The images of the host and the order in which messages ask for them: one after the other, and a
 * large one now and then. Used by the sender's thread.
 */
final class Pictures {
    private static final int LARGE_ONES = 3;

    private final List<byte[]> all;
    private final int usual;
    private final double largeShare;
    private final Random random;
    private long asked;

    /**
     * @param progressiveShare of the photos that are progressive, 0 to 1
     * @param largeShare of the messages that ask for a PNG of 12 megapixels, 0 to 1
     */
    Pictures(int count, double progressiveShare, double largeShare, long seed) {
        this.all = new ArrayList<>(WebPhotos.make(count, seed, progressiveShare));
        this.usual = count;
        this.largeShare = largeShare;
        this.random = new Random(seed);
        if (largeShare > 0) {
            all.addAll(WebPhotos.large(LARGE_ONES));
        }
    }

    List<byte[]> all() {
        return List.copyOf(all);
    }

    /** The position of the next one. */
    int next() {
        boolean large = largeShare > 0 && random.nextDouble() < largeShare;
        return large ? usual + random.nextInt(all.size() - usual) : (int) (asked++ % usual);
    }

    boolean isLarge(int picture) {
        return picture >= usual;
    }
}
