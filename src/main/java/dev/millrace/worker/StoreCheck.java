package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;
import dev.millrace.objects.ObjectStore;
import dev.millrace.source.SqsClients;
import java.util.Optional;

/**
 * Opens the store of {@code s3://} URLs as the configuration says, and says whether its objects can
 * be asked for.
 */
public final class StoreCheck {
    private StoreCheck() {}

    /** A store that asks nobody anything yet. */
    static ObjectStore open(WorkerConfig config) {
        return new ObjectStore(config.fetch().s3(), SqsClients.namedRegion(config.queue()));
    }

    /** Why no object can be asked for, in one line; empty where one can, or none is to be. */
    public static Optional<String> missing(WorkerConfig config) throws InterruptedException {
        if (!config.fetch().s3().isOpen()) {
            return Optional.empty();
        }
        try (ObjectStore store = open(config)) {
            return store.missingCredentials();
        }
    }
}
