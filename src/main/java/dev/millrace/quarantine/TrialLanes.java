package dev.millrace.quarantine;

import dev.millrace.job.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes in which images are tried, each a thread and a process that may crash. A process is
 * started where all others are busy, and ended when it had nothing to do for a while. Owns the
 * threads {@code quarantine-*} and the processes.
 */
final class TrialLanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration BROKEN = Duration.ofSeconds(10);
    private static final long NOT_BROKEN = Long.MIN_VALUE;

    private final int count;
    private final Supplier<ProcessBuilder> command;
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor clock;

    /** When a process last did not start. */
    private volatile long brokenNs = NOT_BROKEN;

    // Guarded by this. The one that was used last is used first, so that the others become idle.
    private final Deque<Idle> idle = new ArrayDeque<>();
    private final Set<TrialProcess> busy = new HashSet<>();
    private final Set<TrialProcess> outdated = new HashSet<>();
    private int renewals;
    private boolean willLook;
    private boolean closed;

    private record Idle(TrialProcess process, long sinceNs) {}

    /**
     * @param count of lanes
     * @param command that starts a process which {@link Trial#serve serves}
     */
    TrialLanes(int count, Supplier<ProcessBuilder> command) {
        this.count = count;
        this.command = command;
        this.threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        IDLE.toSeconds(),
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        names("quarantine-"));
        threads.allowCoreThreadTimeOut(true);
        this.clock = new ScheduledThreadPoolExecutor(1, names("quarantine-clock-"));
        clock.setRemoveOnCancelPolicy(true);
    }

    private static ThreadFactory names(String prefix) {
        return Thread.ofPlatform().name(prefix, 0).daemon().factory();
    }

    /** Runs work in the next lane that is free. */
    <T> Future<T> submit(Callable<T> work) throws InterruptedException {
        try {
            return threads.submit(work);
        } catch (RejectedExecutionException e) {
            requireOpen();
            throw e;
        }
    }

    /** Whether work would not wait. */
    boolean isOneFree() {
        return threads.getActiveCount() < count && threads.getQueue().isEmpty();
    }

    /** Whether a process did not start of late, so that the next one hardly would. */
    boolean areBroken() {
        return brokenNs != NOT_BROKEN && System.nanoTime() - brokenNs < BROKEN.toNanos();
    }

    /** Starts a process where there is none, so that the first trial need not wait for it. */
    void prepare() {
        threads.execute(
                () -> {
                    try {
                        giveBack(take());
                    } catch (IOException e) {
                        LOG.warn("{}; the worker tries again with the next trial", e.getMessage());
                    } catch (InterruptedException e) {
                        // The worker ends.
                        Thread.currentThread().interrupt();
                    }
                });
    }

    /**
     * Tries one image; says what is wrong with it, if anything is. Called in a lane.
     *
     * @throws TrialProcess.EndedException the process is gone, by the image's doing
     * @throws InterruptedException the lanes are closed; a trial that this cut off says nothing
     */
    Optional<Failure> run(String task, byte[] body, Duration limit)
            throws IOException, InterruptedException, TrialProcess.EndedException {
        TrialProcess process = take();
        try {
            Optional<Failure> failure = process.run(task, body, limit);
            giveBack(process);
            return failure;
        } catch (TrialProcess.EndedException e) {
            forget(process);
            requireOpen();
            throw e;
        }
    }

    private TrialProcess take() throws IOException, InterruptedException {
        int before;
        synchronized (this) {
            requireOpen();
            while (!idle.isEmpty()) {
                TrialProcess process = idle.pop().process();
                if (process.isAlive()) {
                    busy.add(process);
                    return process;
                }
            }
            before = renewals;
        }
        TrialProcess started = start();
        synchronized (this) {
            if (closed) {
                started.close();
            }
            requireOpen();
            busy.add(started);
            if (renewals != before) {
                outdated.add(started);
            }
            return started;
        }
    }

    private TrialProcess start() throws IOException, InterruptedException {
        try {
            TrialProcess started = new TrialProcess(command.get(), clock);
            brokenNs = NOT_BROKEN;
            return started;
        } catch (IOException e) {
            requireOpen();
            brokenNs = System.nanoTime();
            throw e;
        }
    }

    private synchronized void giveBack(TrialProcess process) {
        busy.remove(process);
        if (outdated.remove(process) || closed) {
            process.close();
            return;
        }
        idle.push(new Idle(process, System.nanoTime()));
        if (!willLook) {
            willLook = true;
            clock.schedule(this::endIdle, IDLE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private synchronized void forget(TrialProcess process) {
        busy.remove(process);
        outdated.remove(process);
    }

    private synchronized void requireOpen() throws InterruptedException {
        if (closed) {
            throw new InterruptedException("the worker ends");
        }
    }

    private synchronized void endIdle() {
        long nowNs = System.nanoTime();
        List<Idle> over =
                idle.stream().filter(one -> nowNs - one.sinceNs() >= IDLE.toNanos()).toList();
        over.forEach(one -> one.process().close());
        idle.removeAll(over);
        willLook = !idle.isEmpty() && !closed;
        if (willLook) {
            clock.schedule(this::endIdle, IDLE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Ends the processes, so that the next trials begin with the models as they are now. */
    synchronized void renew() {
        renewals++;
        outdated.addAll(busy);
        endAll();
    }

    private void endAll() {
        idle.forEach(one -> one.process().close());
        idle.clear();
    }

    /** Ends the processes at once; who waits for a trial is interrupted. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            endAll();
            new ArrayList<>(busy).forEach(TrialProcess::close);
        }
        // What waits for a lane runs, and is told that there is none any more.
        threads.shutdown();
        clock.shutdownNow();
    }
}
