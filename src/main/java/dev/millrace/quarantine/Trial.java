package dev.millrace.quarantine;

import dev.millrace.job.Failure;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What a trial process does with an image: all that a preprocess thread would do. */
@FunctionalInterface
public interface Trial {
    /** The exit code of a process that took too long. */
    int TOO_LONG = 4;

    /** What the JVM ends with by {@code -XX:+ExitOnOutOfMemoryError}. */
    int NO_MEMORY = 3;

    /** By SIGKILL, as the kernel ends a process where memory is short. */
    int KILLED = 128 + 9;

    /** Says what is wrong with the image; empty where the task's model can prepare it. */
    Optional<Failure> run(String task, byte[] body);

    /**
     * Answers a worker until it asks no more. A worker that is gone cannot end a trial, so the
     * process does that itself.
     *
     * @param limit of one trial, after which the process ends
     */
    static void serve(InputStream in, OutputStream out, Duration limit, Trial trial)
            throws IOException {
        DataInputStream questions = new DataInputStream(new BufferedInputStream(in));
        DataOutputStream answers = new DataOutputStream(new BufferedOutputStream(out));
        ScheduledThreadPoolExecutor clock = clock();
        Frames.greet(answers);
        for (Optional<Frames.Question> question = Frames.question(questions);
                question.isPresent();
                question = Frames.question(questions)) {
            ScheduledFuture<?> end =
                    clock.schedule(Trial::end, limit.toNanos(), TimeUnit.NANOSECONDS);
            Optional<Failure> failure = trial.run(question.get().task(), question.get().body());
            end.cancel(false);
            Frames.answer(answers, failure);
        }
    }

    /** By the monotonic clock: a jump of the wall clock is no trial that took too long. */
    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("trial-clock").daemon().factory());
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    private static void end() {
        Runtime.getRuntime().halt(TOO_LONG);
    }
}
