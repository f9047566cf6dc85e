package dev.millrace.job;

import java.util.concurrent.Semaphore;

/** Slots that are for whoever comes. */
final class OpenSlots implements Slots {
    private final int size;
    private final Semaphore free;

    OpenSlots(int size) {
        this.size = size;
        this.free = new Semaphore(size);
    }

    @Override
    public void take(boolean caller) throws InterruptedException {
        free.acquire();
    }

    @Override
    public boolean takeNow(boolean caller) {
        return free.tryAcquire();
    }

    @Override
    public void prepared(boolean caller) {
        // Nobody has fewer slots for what is not prepared.
    }

    @Override
    public void giveBack(boolean caller) {
        free.release();
    }

    @Override
    public int taken() {
        return size - free.availablePermits();
    }

    @Override
    public void onceAllAreFree(Runnable action) throws InterruptedException {
        // To hold all permits is to know that no slot is in use and that nobody is about to use
        // one.
        free.acquire(size);
        action.run();
        free.release(size);
    }
}
