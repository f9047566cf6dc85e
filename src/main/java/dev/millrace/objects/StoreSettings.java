package dev.millrace.objects;

import dev.millrace.job.ObjectRef;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the configuration says of objects. Throws {@link IllegalArgumentException} with one line
 * that names the key.
 *
 * @param endpoint of a store that speaks like S3; AWS where there is none
 * @param region of buckets of which nobody says another
 * @param requesterPays whether the worker's account pays for what it reads
 * @param allowBuckets the only ones that messages may name; without any, no object is read
 */
public record StoreSettings(
        Optional<URI> endpoint,
        Optional<String> region,
        boolean requesterPays,
        List<AllowedBucket> allowBuckets) {
    /** No object is read. */
    public static final StoreSettings NONE =
            new StoreSettings(Optional.empty(), Optional.empty(), false, List.of());

    public StoreSettings {
        allowBuckets = List.copyOf(allowBuckets);
        Set<String> names = new HashSet<>();
        for (AllowedBucket bucket : allowBuckets) {
            // One prefix each: two would have to agree on the owner.
            if (!names.add(bucket.bucket())) {
                throw new IllegalArgumentException(
                        "fetch.s3.allowBuckets: the bucket '%s' is there twice; name it once, with the prefix that both share"
                                .formatted(bucket.bucket()));
            }
        }
        if (allowBuckets.isEmpty()
                && (endpoint.isPresent() || region.isPresent() || requesterPays)) {
            throw new IllegalArgumentException(
                    "fetch.s3.allowBuckets: missing, so that no s3:// URL would be read; list the buckets that messages may name");
        }
        if (endpoint.isPresent()) {
            String scheme = String.valueOf(endpoint.get().getScheme());
            String path = String.valueOf(endpoint.get().getPath());
            if (!scheme.matches("https?")
                    || endpoint.get().getHost() == null
                    || endpoint.get().getUserInfo() != null
                    || endpoint.get().getQuery() != null
                    || !path.matches("/?")) {
                throw new IllegalArgumentException(
                        "fetch.s3.endpoint: '%s' is not the address of a store; write it without a path, like http://minio.internal:9000"
                                .formatted(endpoint.get()));
            }
        }
        if (region.isPresent() && !ObjectRef.isRegion(region.get())) {
            throw new IllegalArgumentException(
                    "fetch.s3.region: '%s' is no region; write it like eu-central-1"
                            .formatted(region.get()));
        }
    }

    /** Whether any object may be read. */
    public boolean isOpen() {
        return !allowBuckets.isEmpty();
    }

    /** What is allowed of a bucket, if anything is. */
    Optional<AllowedBucket> allowed(String bucket) {
        for (AllowedBucket allowed : allowBuckets) {
            if (allowed.bucket().equals(bucket)) {
                return Optional.of(allowed);
            }
        }
        return Optional.empty();
    }
}
