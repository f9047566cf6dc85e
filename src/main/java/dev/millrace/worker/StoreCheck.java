package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreSettings;
import dev.millrace.source.SqsClients;
import java.util.Optional;
import okhttp3.HttpUrl;

/**
 * Opens the store of {@code s3://} URLs as the configuration says, and says whether its objects can
 * be asked for. Throws {@link ConfigException} with one line that names the key.
 */
public final class StoreCheck {
    private StoreCheck() {}

    /** A store whose endpoint, where there is one, may be called. */
    static ObjectStore open(WorkerConfig config, UrlPolicy images) {
        StoreSettings s3 = config.fetch().s3();
        if (s3.endpoint().isPresent()) {
            try {
                images.check(HttpUrl.get(s3.endpoint().get().toString()), Stage.FETCH);
            } catch (FailureException e) {
                throw new ConfigException("fetch.s3.endpoint: " + e.getMessage());
            }
        }
        return new ObjectStore(s3, SqsClients.namedRegion(config.queue()));
    }

    /**
     * Why no object can be asked for, in one line; empty where one can, or none is to be.
     *
     * @throws ConfigException where the endpoint may not be called
     */
    public static Optional<String> missing(WorkerConfig config) throws InterruptedException {
        if (!config.fetch().s3().isOpen()) {
            return Optional.empty();
        }
        try (ObjectStore store = open(config, UrlPolicies.images(config))) {
            return store.missingCredentials();
        }
    }
}
