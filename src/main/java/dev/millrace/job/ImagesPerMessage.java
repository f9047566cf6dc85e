package dev.millrace.job;

/**
 * How many images the messages of late had on average, the newest counting most. A poll cannot know
 * how many its messages have, so it asks for as many messages as there is room for if they are like
 * those before. Guarded by the lock of {@link Admission}.
 */
final class ImagesPerMessage {
    /** What is left of an older mean by one more message. */
    private static final double OLD = 0.9;

    private double mean = Double.NaN;

    /**
     * Messages have come.
     *
     * @param images of all of them
     */
    void came(int messages, int images) {
        double each = (double) images / messages;
        mean = Double.isNaN(mean) ? each : each + Math.pow(OLD, messages) * (mean - each);
    }

    /**
     * How many messages to ask for; one, where a message has more images than there is ever room
     * for.
     *
     * @param free permits
     * @param asked messages that running polls may bring, each of which has a permit
     */
    int messages(int free, int asked) {
        // Also where nothing has come yet.
        if (!(mean > 1)) {
            return free;
        }
        double left = free - asked * (mean - 1);
        return left < 1 ? 0 : (int) Math.max(1, left / mean);
    }
}
