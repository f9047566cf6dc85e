package dev.millrace.net;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.internal.concurrent.TaskRunner;
import okhttp3.internal.connection.ConnectionListener;
import okhttp3.internal.connection.RealConnectionPool;

/**
 * Connections that wait for the next call. OkHttp wakes two threads whenever a connection becomes
 * idle, which is at the end of each call, to see whether one is to be closed; here they look once a
 * second, so that a few more than the limit may be open in between. There is no public way to say
 * so: the classes under {@code okhttp3.internal} may change with any version, and then this no
 * longer compiles.
 */
final class IdleConnections {
    private static final long LOOK_MS = 1000;

    private IdleConnections() {}

    /**
     * A pool of its own.
     *
     * @param most connections that may wait
     * @param keepAlive how long one may wait
     */
    static ConnectionPool pool(int most, Duration keepAlive) {
        return new ConnectionPool(
                new RealConnectionPool(
                        new TaskRunner(new Unhurried(), TaskRunner.Companion.getLogger()),
                        most,
                        keepAlive.toNanos(),
                        TimeUnit.NANOSECONDS,
                        ConnectionListener.Companion.getNONE()));
    }

    /** Does what is due when it looks, and is not told of anything sooner. */
    private static final class Unhurried implements TaskRunner.Backend {
        private final ExecutorService threads =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        2 * LOOK_MS,
                        TimeUnit.MILLISECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().name("idle-connections-", 0).daemon().factory());

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void coordinatorNotify(TaskRunner runner) {
            // It looks soon enough.
        }

        /** Gives up the runner's monitor, which the caller holds, while it waits. */
        @Override
        public void coordinatorWait(TaskRunner runner, long nanos) {
            try {
                runner.wait(LOOK_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public <T> BlockingQueue<T> decorate(BlockingQueue<T> queue) {
            return queue;
        }

        @Override
        public void execute(TaskRunner runner, Runnable work) {
            threads.execute(work);
        }
    }
}
