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
import java.util.Timer;
import java.util.TimerTask;

/** What a trial process does with an image: all that a preprocess thread would do. */
@FunctionalInterface
public interface Trial {
    /** The exit code of a process that took too long. */
    int TOO_LONG = 4;

    /** What the JVM ends with by {@code -XX:+ExitOnOutOfMemoryError}. */
    int NO_MEMORY = 3;

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
        Timer clock = new Timer("trial-clock", true);
        Frames.greet(answers);
        for (Optional<Frames.Question> question = Frames.question(questions);
                question.isPresent();
                question = Frames.question(questions)) {
            TimerTask end = end();
            clock.schedule(end, limit.toMillis());
            Optional<Failure> failure = trial.run(question.get().task(), question.get().body());
            end.cancel();
            Frames.answer(answers, failure);
        }
    }

    private static TimerTask end() {
        return new TimerTask() {
            @Override
            public void run() {
                Runtime.getRuntime().halt(TOO_LONG);
            }
        };
    }
}
