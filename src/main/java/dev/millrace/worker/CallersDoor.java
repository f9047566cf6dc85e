package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.CallerAnswers;
import dev.millrace.duty.Duties;
import dev.millrace.job.Admission;
import dev.millrace.serve.CallServer;
import dev.millrace.serve.ServeSettings;
import java.io.IOException;

/** Opens the port for callers who wait for their answers. */
final class CallersDoor {
    private CallersDoor() {}

    /**
     * Throws {@link ConfigException} with one line where it cannot be opened. Nobody is served
     * before the worker is ready.
     *
     * @param parts that images go through, those of callers included
     */
    static CallServer open(
            ServeSettings serve,
            WorkerConfig config,
            WorkerParts parts,
            Admission admission,
            Health health,
            Duties duties) {
        CallServer.Surroundings around =
                new CallServer.Surroundings(
                        () -> parts.models.served(),
                        health.live(),
                        health.ready(),
                        (image, body) ->
                                body.ifPresentOrElse(
                                        bytes -> parts.fetcher.accept(image, bytes),
                                        () -> parts.fetcher.accept(image)),
                        parts.tracing.before(parts.crashes.quarantine()::settled)::settled,
                        new CallerAnswers(parts.lines, parts.counters),
                        parts.tracing,
                        admission,
                        config.admission().messages(),
                        config.admission().bytes(),
                        config.fetch().limits().maxBytes());
        try {
            return new CallServer(serve, around, duties);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(e.getMessage());
        } catch (IOException e) {
            throw new ConfigException(
                    "serve.port: %s of %s cannot be opened (%s); choose a free port and an address of this machine"
                            .formatted(serve.port(), serve.bind(), e.getMessage()));
        }
    }
}
