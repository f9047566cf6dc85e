package dev.millrace.fetch;

import dev.millrace.job.UnderWay;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okio.AsyncTimeout;

/**
 * Ends one call that takes too long, whatever its server does. The client's own deadline would run
 * from the request to the last byte; this one stands still while the call waits for the worker
 * instead of its host. Owned by one fetch task; Okio's watchdog thread ends the call.
 */
final class CallDeadline extends AsyncTimeout {
    private final Call call;
    private final UnderWay calls;
    private long leftNs;
    private long startNs;
    private boolean running;
    private boolean paused;
    private boolean passed;

    /**
     * @param leftNs for the call, more than 0
     * @param calls is told while it runs
     */
    CallDeadline(Call call, long leftNs, UnderWay calls) {
        this.call = call;
        this.calls = calls;
        this.leftNs = leftNs;
    }

    Call call() {
        return call;
    }

    /** Begins to run, or goes on, in the place of the client's. */
    void start() {
        call.timeout().clearTimeout();
        startNs = System.nanoTime();
        timeout(Math.max(1, leftNs), TimeUnit.NANOSECONDS);
        running = true;
        calls.began();
        enter();
    }

    /** Stands still, if it did not; returns what is left. */
    long stop() {
        if (running) {
            running = false;
            calls.ended();
            passed |= exit();
            leftNs -= System.nanoTime() - startNs;
        }
        return leftNs;
    }

    /** Holds at least {@code bytes}, after a wait that is not the host's. */
    void await(Reservation reservation, long bytes) throws InterruptedException {
        if (!reservation.tryGrow(bytes)) {
            paused = true;
            stop();
            reservation.await(bytes);
            start();
        }
    }

    /** Whether the call has waited for the worker, so that its host may have lost patience. */
    boolean hasPaused() {
        return paused;
    }

    /** Whether it has ended the call, for whoever is told that it failed. */
    boolean hasPassed() {
        stop();
        return passed;
    }

    @Override
    protected void timedOut() {
        call.cancel();
    }
}
