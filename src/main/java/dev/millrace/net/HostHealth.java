package dev.millrace.net;

import java.util.function.IntSupplier;

/**
 * How many calls at a time a host stands, by how its last calls ended: halved where an eighth of
 * them failed, down to a floor, and doubled where fewer did, until there is no limit any more. A
 * host that never fails has none, however slow it is. Guarded by its owner's lock.
 */
final class HostHealth {
    private static final int JUDGED = 16;
    private static final int TOO_MANY = JUDGED / 8;

    private final int floor;
    private int limit = Integer.MAX_VALUE;
    private int ended;
    private int failed;
    private boolean failing;

    /**
     * @param floor calls at a time that failures never forbid, so that it is seen to recover
     */
    HostHealth(int floor) {
        this.floor = floor;
    }

    /** Calls at a time. */
    int limit() {
        return limit;
    }

    /** Whether most of the calls failed that were judged last. */
    boolean isFailing() {
        return failing;
    }

    /** Whether its calls say nothing that is worth keeping. */
    boolean isGood() {
        return limit == Integer.MAX_VALUE;
    }

    /**
     * One more call has ended.
     *
     * @param running at this host when it did, itself included
     * @param most calls that any host may have
     */
    void ended(boolean success, int running, IntSupplier most) {
        ended++;
        failed += success ? 0 : 1;
        if (ended < JUDGED) {
            return;
        }
        if (failed >= TOO_MANY) {
            limit = Math.max(floor, Math.min(limit, running) / 2);
        } else if (!isGood()) {
            limit = 2 * limit > most.getAsInt() ? Integer.MAX_VALUE : 2 * limit;
        }
        failing = failed > JUDGED / 2;
        ended = 0;
        failed = 0;
    }
}
