package dev.millrace.quarantine;

import dev.millrace.job.Failure;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The worker's end of a process that tries images. Used by one thread; owns the process. */
final class TrialProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration REPORT = Duration.ofSeconds(2);

    private final ScheduledExecutorService clock;
    private final Process process;
    private final DataOutputStream questions;
    private final DataInputStream answers;

    /** An image ended the process, or would not let it answer. */
    static final class EndedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean forMemory;

        EndedException(String how, boolean forMemory) {
            super(how, null, false, false);
            this.forMemory = forMemory;
        }

        /** Whether it was short of memory, or killed, as a system does that is short of it. */
        boolean isForMemory() {
            return forMemory;
        }
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param clock ends it when it takes too long
     */
    TrialProcess(ProcessBuilder command, ScheduledExecutorService clock) throws IOException {
        this.clock = clock;
        this.process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        this.questions =
                new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        this.answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        try {
            ScheduledFuture<?> alarm =
                    clock.schedule(
                            process::destroyForcibly, START.toMillis(), TimeUnit.MILLISECONDS);
            Frames.awaitGreeting(answers);
            alarm.cancel(false);
        } catch (IOException | RejectedExecutionException e) {
            process.destroyForcibly();
            throw new IOException("the process that tries images did not start", e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Tries one image; says what is wrong with it, if anything is.
     *
     * @throws EndedException the process is gone, by the image's doing
     */
    Optional<Failure> run(String task, byte[] body, Duration limit)
            throws EndedException, InterruptedException {
        // Set before the process ends, whose end is seen sooner than that of the alarm.
        AtomicBoolean late = new AtomicBoolean();
        ScheduledFuture<?> alarm =
                clock.schedule(
                        () -> {
                            late.set(true);
                            process.destroyForcibly();
                        },
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            Frames.ask(questions, task, body);
            return Frames.answer(answers);
        } catch (IOException e) {
            // A JVM that crashes writes its report before it ends.
            process.waitFor(REPORT.toMillis(), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            int exitCode = process.waitFor();
            boolean forMemory =
                    exitCode == Trial.NO_MEMORY || exitCode == Trial.KILLED && !late.get();
            throw new EndedException(how(late.get(), exitCode, limit), forMemory);
        } finally {
            alarm.cancel(false);
        }
    }

    private static String how(boolean late, int exitCode, Duration limit) {
        if (late || exitCode == Trial.TOO_LONG) {
            return "took longer than " + limit.toSeconds() + " s";
        }
        return exitCode == Trial.NO_MEMORY
                ? "took more memory than a trial may use"
                : "ended the process that tried it (exit code " + exitCode + ")";
    }

    /** Ends it, whatever it does; it keeps nothing. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
