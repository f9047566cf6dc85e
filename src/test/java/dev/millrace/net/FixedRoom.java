package dev.millrace.net;

import dev.millrace.job.Room;

/** Room of which a test says how much there is. */
final class FixedRoom implements Room {
    private volatile int limit;
    private volatile int soon;

    FixedRoom(int limit) {
        this.limit = limit;
    }

    void limit(int now) {
        limit = now;
    }

    void soon(int then) {
        soon = then;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public int limitFor(int inCalls) {
        return Math.max(limit, soon);
    }
}
