package dev.millrace.cli;

import dev.millrace.nativelib.ProcessSignal;
import dev.millrace.quarantine.LastEnd;
import dev.millrace.quarantine.StateDirectory;
import dev.millrace.resource.RetryDelay;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Runs a worker and starts it again after a crash. One that had polled crashed over its work: it is
 * started again soon, since its successor knows the suspects. One that never came so far is tried
 * with growing pauses.
 */
final class Supervisor {
    /** Half of it is chance, so that a fleet does not start as one. */
    static final RetryDelay DELAY =
            new RetryDelay(Duration.ofMillis(400), Duration.ofSeconds(60), 0.5);

    /** Of a worker that was told to end before it listened, and so had nothing in hand. */
    private static final int UNHEARD = 128 + 10;

    /** By SIGKILL. */
    private static final int KILLED = 128 + 9;

    private final StateDirectory state;
    private final CrashReports reports;
    private final IntFunction<ProcessBuilder> command;

    private final CountDownLatch end = new CountDownLatch(1);

    // Guarded by this.
    private Process worker;

    /**
     * @param command of the worker that was started again so many times
     */
    Supervisor(StateDirectory state, CrashReports reports, IntFunction<ProcessBuilder> command) {
        this.state = state;
        this.reports = reports;
        this.command = command;
    }

    /**
     * Tells the worker to end, by a signal of the supervisor's own: the worker may have heard the
     * same stop itself. Its end is then the supervisor's.
     */
    synchronized void terminate() {
        end.countDown();
        if (worker != null) {
            ProcessSignal.usr1(worker);
        }
    }

    /** Returns the exit code of the worker that ended for good. */
    int run() throws IOException, InterruptedException {
        boolean hasWorked = false;
        int failedStarts = 0;
        if (state.takeReady()) {
            // Its supervisor ended with it, and nobody saw how.
            state.markEnd(LastEnd.CRASHED);
        }
        for (int restarts = 0; ; restarts++) {
            long startNs = System.nanoTime();
            Process process = start(restarts);
            int exitCode = process.waitFor();
            boolean polled = state.takeReady();
            hasWorked |= polled;
            failedStarts = polled ? 0 : failedStarts + 1;
            reports.prune();
            Duration pause = DELAY.after(failedStarts + 1);
            // What was right once may be wrong for a while, such as a queue that is down.
            boolean mistake = exitCode == Millrace.MISTAKE && !hasWorked;
            if (exitCode == 0 || mistake || end.getCount() == 0) {
                return exitCode == UNHEARD ? 0 : exitCode;
            }
            if (polled) {
                state.markEnd(exitCode == KILLED ? LastEnd.KILLED : LastEnd.CRASHED);
            }
            say(process.pid(), exitCode, System.nanoTime() - startNs, pause, restarts + 1);
            if (end.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return exitCode;
            }
        }
    }

    private synchronized Process start(int restarts) throws IOException {
        worker = command.apply(restarts).inheritIO().start();
        if (end.getCount() == 0) {
            ProcessSignal.usr1(worker);
        }
        return worker;
    }

    private void say(long pid, int exitCode, long ranNs, Duration pause, int restart) {
        System.err.printf(
                Locale.ROOT,
                "millrace supervise: the worker ended with exit code %d after %.1f s%s; starting"
                        + " it again in %.1f s (restart %d)%n",
                exitCode,
                ranNs / 1e9,
                reports.of(pid).map(file -> ", its report is " + file).orElse(""),
                pause.toMillis() / 1e3,
                restart);
    }
}
