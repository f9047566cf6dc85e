package dev.millrace.net;

import java.util.concurrent.locks.Condition;

/**
 * One that waits for its turn at a host. Guarded by its owner's lock, which its condition is of.
 */
final class TurnWaiter {
    private final Condition ended;
    private boolean granted;
    private boolean refused;

    TurnWaiter(Condition ended) {
        this.ended = ended;
    }

    /** Until it is granted its turn; throws where it is refused. */
    void await() throws InterruptedException, TurnRefusedException {
        while (!granted && !refused) {
            ended.await();
        }
        if (refused) {
            throw new TurnRefusedException(true);
        }
    }

    void grant() {
        granted = true;
        ended.signal();
    }

    void refuse() {
        refused = true;
        ended.signal();
    }

    boolean isGranted() {
        return granted;
    }
}
