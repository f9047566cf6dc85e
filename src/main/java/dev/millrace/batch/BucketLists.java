package dev.millrace.batch;

import dev.millrace.config.ConfigException;
import dev.millrace.job.ObjectRef;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.ListingException;
import dev.millrace.objects.ObjectLister;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Lists what is below prefixes of buckets, page by page, with the credentials of whoever runs the
 * command.
 *
 * @param endpoint of a store that speaks like S3; AWS where there is none
 * @param region of the buckets, where they do not say another
 */
public record BucketLists(Optional<URI> endpoint, Optional<String> region) {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(10);
    private static final Duration CALL = Duration.ofSeconds(60);

    /** The bucket and the prefix of a word. */
    public static AllowedBucket prefix(String word) {
        String rest = word.substring("s3://".length());
        int slash = rest.indexOf('/');
        String bucket = slash < 0 ? rest : rest.substring(0, slash);
        if (!ObjectRef.isBucket(bucket)) {
            throw new ConfigException(
                    "IMAGE: '%s': '%s' is no name of a bucket; write s3://bucket/prefix"
                            .formatted(word, bucket));
        }
        return new AllowedBucket(
                bucket, Optional.empty(), slash < 0 ? "" : rest.substring(slash + 1));
    }

    /** The settings of a worker that may read what is below the prefixes. */
    public StoreSettings settings(List<AllowedBucket> prefixes) {
        return new StoreSettings(endpoint, region, false, prefixes);
    }

    /** Hands over the objects below a prefix that may be images. */
    void each(String word, Consumer<BatchImage> taker) throws InterruptedException {
        AllowedBucket bucket = prefix(word);
        // The user names the store, and may call what they like.
        AddressRules all = new AddressRules(List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0")));
        UrlPolicy policy = new UrlPolicy(all, Set.of(), Optional.empty());
        try (ObjectStore store = new ObjectStore(settings(List.of(bucket)), Optional.empty());
                GuardedHttp http =
                        new GuardedHttp(policy, new HttpLimits(CONNECT, READ, CALL, 1), Map.of())) {
            new ObjectLister(http, store)
                    .list(
                            bucket.bucket(),
                            bucket.prefix(),
                            object -> {
                                if (mayBeImage(object.key())) {
                                    String url = "s3://" + bucket.bucket() + "/" + object.key();
                                    taker.accept(BatchImage.of(url));
                                }
                            });
        } catch (ListingException e) {
            throw new ConfigException("IMAGE: '%s': %s".formatted(word, e.getMessage()));
        }
    }

    /** A folder of the console is an object of its own, and no image. */
    private static boolean mayBeImage(String key) {
        String name = key.substring(key.lastIndexOf('/') + 1);
        return !name.isEmpty() && (name.indexOf('.') < 0 || FolderImages.isImage(name));
    }
}
