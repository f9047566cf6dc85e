package dev.millrace.lab.check;

import java.io.IOException;
import java.time.Duration;

/**
 * One of the ten steps.
 *
 * @param limit for all of its commands together
 */
record Step(int number, String title, Duration limit, Work work) {
    /** What a step runs. It throws only where this host cannot run programs or keep files. */
    interface Work {
        void run(StepRun here) throws IOException, InterruptedException;
    }

    static Step of(int number, String title, int seconds, Work work) {
        return new Step(number, title, Duration.ofSeconds(seconds), work);
    }
}
