package dev.millrace.config;

import java.time.Duration;

/**
 * How suspect images are tried.
 *
 * @param receives after which a message is suspect without a crash that is known of; 0 for never
 * @param limit of one trial
 * @param memoryBytes that native code may take in a trial
 */
public record SuspectTrials(int receives, Duration limit, long memoryBytes) {
    public static final SuspectTrials DEFAULT =
            new SuspectTrials(3, Duration.ofSeconds(20), 2L << 30);

    public SuspectTrials withReceives(int most) {
        return new SuspectTrials(most, limit, memoryBytes);
    }
}
