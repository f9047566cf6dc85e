package dev.millrace.job;

import dev.millrace.resource.Mutex;

/**
 * How long calls have taken together, up to now: those that have ended, and those under way. What
 * it grows by in a second is how many were under way at a time, also where one takes longer than
 * that. Thread-safe.
 */
public final class UnderWay {
    private final Mutex lock = new Mutex();
    private int calls;
    private long spentNs;
    private long lastNs = System.nanoTime();

    /** One more call. */
    public void began() {
        change(1);
    }

    /** One call less. */
    public void ended() {
        change(-1);
    }

    private void change(int by) {
        try (var _ = lock.hold()) {
            roll();
            calls += by;
        }
    }

    private void roll() {
        long nowNs = System.nanoTime();
        spentNs += calls * (nowNs - lastNs);
        lastNs = nowNs;
    }

    /** Of all calls together. */
    public long spentNs() {
        try (var _ = lock.hold()) {
            roll();
            return spentNs;
        }
    }
}
