package dev.millrace.objects;

import dev.millrace.testing.ObjectServer;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Stores that ask a test's server. */
public final class TestStores {
    /** Who may read there. */
    public static final AwsCredentialsProvider READER =
            StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(ObjectServer.KEY_ID, ObjectServer.SECRET));

    private TestStores() {}

    /** Settings of a store at an endpoint, which every test's reader pays for. */
    public static StoreSettings at(int port, List<AllowedBucket> buckets) {
        return new StoreSettings(
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                Optional.of("eu-central-1"),
                false,
                buckets);
    }

    /** With buckets in the path. */
    public static ObjectStore inPaths(StoreSettings settings, AwsCredentialsProvider provider) {
        return of(settings, StoreHosts.of(settings.endpoint()), provider, Clock.systemUTC());
    }

    /** With a clock of its own. */
    public static ObjectStore inPaths(StoreSettings settings, Clock clock) {
        return of(settings, StoreHosts.of(settings.endpoint()), READER, clock);
    }

    /** With a host for each region and bucket, as on AWS. */
    public static ObjectStore inHosts(int port, StoreSettings settings) {
        return of(
                settings,
                new StoreHosts(region -> "http://s3." + region + ".aws.test:" + port, false),
                READER,
                Clock.systemUTC());
    }

    private static ObjectStore of(
            StoreSettings settings,
            StoreHosts hosts,
            AwsCredentialsProvider provider,
            Clock clock) {
        return new ObjectStore(
                settings, hosts, Optional.empty(), new StoreCredentials(() -> provider), clock);
    }
}
