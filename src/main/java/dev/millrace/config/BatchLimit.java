package dev.millrace.config;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a batch may take before the worker gives its messages back and ends: what the operator
 * said, else 30 s on a GPU, and on the CPU as long as the watchdog allows to any step.
 *
 * @param said by {@code device.batchTimeout}; zero for what the watchdog allows
 */
public record BatchLimit(Optional<Duration> said) {
    public static final BatchLimit DEFAULT = new BatchLimit(Optional.empty());

    private static final Duration ON_GPU = Duration.ofSeconds(30);
    private static final Duration LEAST = Duration.ofSeconds(1);

    public BatchLimit {
        if (said.filter(Duration::isPositive).filter(d -> d.compareTo(LEAST) < 0).isPresent()) {
            throw new ConfigException(
                    ("device.batchTimeout: %sms is too short, since a busy machine can"
                                    + " delay a batch that long; use 1s or more, or 0s for the time"
                                    + " that"
                                    + " watchdog allows")
                            .formatted(said.get().toMillis()));
        }
    }

    /** Empty where the watchdog's own limit counts. */
    public Optional<Duration> on(boolean gpu) {
        return said.or(() -> gpu ? Optional.of(ON_GPU) : Optional.empty())
                .filter(Duration::isPositive);
    }
}
