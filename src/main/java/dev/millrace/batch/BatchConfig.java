package dev.millrace.batch;

import dev.millrace.config.ConfigException;
import dev.millrace.config.Results;
import dev.millrace.config.SourceDefaults;
import dev.millrace.config.WorkerConfig;
import dev.millrace.job.Destination;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.StoreSettings;
import dev.millrace.source.QueueSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The configuration of a worker whose queue and results are in its own process. */
public final class BatchConfig {
    /** Of no server; it only has the form. */
    public static final String QUEUE = "http://127.0.0.1/in-this-process/images";

    /** Nobody else would take a message meanwhile. */
    private static final Duration LEASE = Duration.ofHours(1);

    /** A minute and a half, which somebody waits for. */
    private static final int RECEIVES = 3;

    private static final int DOWNLOADS_OF_ONE_HOST = 64;

    private BatchConfig() {}

    /** With these models, and the rest by default. */
    public static WorkerConfig of(List<WorkerConfig.Model> models) {
        return WorkerConfig.of(queue(), models)
                .with(
                        draft ->
                                draft.fetch =
                                        new WorkerConfig.Fetch(
                                                draft.fetch.limits(),
                                                List.of(),
                                                List.of(),
                                                RECEIVES));
    }

    static QueueSettings queue() {
        return QueueSettings.of(
                QUEUE,
                draft -> {
                    draft.visibility = LEASE;
                    draft.deadline = LEASE;
                    draft.waitTime = Duration.ofSeconds(1);
                });
    }

    /**
     * The configuration, but for what makes no sense without a queue.
     *
     * @param local whether images are served by this process
     */
    static WorkerConfig embedded(
            WorkerConfig given, boolean local, BucketLists lists, ImageWords.Survey survey) {
        List<AllowedBucket> buckets = buckets(given.fetch().s3().allowBuckets(), survey);
        return given.with(
                draft -> {
                    draft.queue = queue();
                    draft.source = SourceDefaults.NONE;
                    draft.results = toStandardOutput();
                    draft.drain = WorkerConfig.DrainTriggers.ON_SIGNALS;
                    draft.serve = Optional.empty();
                    draft.httpPort = Optional.empty();
                    draft.reload = Duration.ZERO;
                    draft.fetch = fetch(draft.fetch, local, lists, buckets);
                });
    }

    /**
     * Those that may be read, where objects are: what the configuration or an option allows, and
     * what the user's own words name.
     */
    private static List<AllowedBucket> buckets(
            List<AllowedBucket> configured, ImageWords.Survey survey) {
        if (survey.buckets().isEmpty() && survey.listed().isEmpty()) {
            return List.of();
        }
        Map<String, AllowedBucket> all = new TreeMap<>();
        configured.forEach(bucket -> all.put(bucket.bucket(), bucket));
        survey.buckets().forEach(bucket -> all.put(bucket.bucket(), bucket));
        survey.listed()
                .forEach(
                        (bucket, file) -> {
                            if (!all.containsKey(bucket)) {
                                throw new ConfigException(
                                        "IMAGES: '%s' names the bucket '%s', which nobody has allowed; add --allow-buckets=%2$s, or list it in fetch.s3.allowBuckets"
                                                .formatted(file, bucket));
                            }
                        });
        return List.copyOf(all.values());
    }

    private static Results toStandardOutput() {
        return new Results(
                List.of(),
                List.of(),
                List.of(),
                Optional.of(new Destination.Output()),
                Optional.empty(),
                Optional.empty());
    }

    private static WorkerConfig.Fetch fetch(
            WorkerConfig.Fetch given,
            boolean local,
            BucketLists lists,
            List<AllowedBucket> buckets) {
        List<String> addresses = new ArrayList<>(given.allowAddresses());
        StoreSettings s3 = given.s3();
        if (!buckets.isEmpty()) {
            s3 =
                    new StoreSettings(
                            lists.endpoint().or(given.s3()::endpoint),
                            lists.region().or(given.s3()::region),
                            given.s3().requesterPays(),
                            buckets);
        }
        if (local) {
            addresses.add("127.0.0.1/32");
        }
        return new WorkerConfig.Fetch(
                local ? given.limits().withPerHost(DOWNLOADS_OF_ONE_HOST) : given.limits(),
                given.ownHosts(),
                addresses,
                given.maxReceives(),
                s3);
    }
}
