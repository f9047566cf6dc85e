package dev.millrace.worker;

import dev.millrace.config.CallHeaders;
import dev.millrace.config.Callback;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.WebhookSigner;
import dev.millrace.job.Room;
import dev.millrace.job.Tracing;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostLimiter;
import dev.millrace.net.HostList;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.MissingCredentials;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreSettings;
import dev.millrace.source.QueueProbe;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.source.SqsClients;
import dev.millrace.trace.Traces;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Opens the worker's ways out, as the configuration says. Each throws {@link ConfigException} with
 * one line that names the key; the caller closes what it gets.
 */
final class ClientFactory {
    /** Of heap that a connection with TLS holds while it waits for the next call. */
    private static final int CONNECTION_BYTES = 64 << 10;

    /** Of the heap, that the idle connections of one client may take. */
    private static final int HEAP_SHARE = 16;

    private static final Logger LOG = LoggerFactory.getLogger(ClientFactory.class);

    private static final Duration CALLBACK_CONNECT = Duration.ofSeconds(2);

    private ClientFactory() {}

    /**
     * @param inFlight messages at most, each with a connection of its own, which is worth keeping
     */
    static GuardedHttp images(WorkerConfig.Fetch fetch, CallHeaders headers, int inFlight) {
        return http(
                fetch.allowAddresses(),
                "fetch.allowAddresses",
                Optional.empty(),
                fetch.limits().http(idle(inFlight)),
                headers.ofDownloads());
    }

    /** The buckets that may be read; says in the log where there is nothing to sign with. */
    static ObjectStore objects(WorkerConfig config) {
        ObjectStore store = StoreCheck.open(config);
        if (config.fetch().s3().isOpen()) {
            Thread.ofVirtual().name("credentials-check").start(() -> warn(store));
        }
        return store;
    }

    /**
     * A client of the store that the configuration names, which may be in a private network, and of
     * nothing else; none where the store is AWS.
     */
    static Optional<GuardedHttp> objectServer(WorkerConfig config, int inFlight) {
        return config.fetch()
                .s3()
                .endpoint()
                .map(
                        endpoint ->
                                new GuardedHttp(
                                        onlyServer(endpoint),
                                        config.fetch().limits().http(idle(inFlight)),
                                        config.headers().ofDownloads()));
    }

    private static UrlPolicy onlyServer(URI endpoint) {
        return UrlPolicy.onlyServer(HttpUrl.get(endpoint.toString()));
    }

    private static void warn(ObjectStore store) {
        try {
            store.missingCredentials()
                    .ifPresent(why -> LOG.warn("fetch.s3: {}; s3:// URLs fail until then", why));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many connections are kept for the next call. */
    static int idle(int inFlight) {
        long fit = Runtime.getRuntime().maxMemory() / HEAP_SHARE / CONNECTION_BYTES;
        return (int) Math.min(inFlight, fit);
    }

    /** The turns at image hosts, of so many messages as may be in flight. */
    static HostLimiter hosts(WorkerConfig.Fetch fetch, Room inFlight) {
        HostList own = checked("fetch.ownHosts", () -> new HostList(fetch.ownHosts()));
        return new HostLimiter(inFlight, HostLimiter.cap(fetch.limits().perHost(), own));
    }

    /**
     * @param inFlight messages at most, as for {@link #images}
     */
    static GuardedHttp callbacks(Callback callback, CallHeaders headers, int inFlight) {
        if (!headers.callbacks().isEmpty() && callback.allowHosts().isEmpty()) {
            LOG.warn(
                    "callback.headers go to whatever host a message names; if they hold a secret, set callback.allowHosts to the hosts that may know it");
        }
        return http(
                callback.allowAddresses(),
                "callback.allowAddresses",
                UrlPolicies.hosts(callback.allowHosts()),
                new HttpLimits(CALLBACK_CONNECT, callback.timeout(), callback.timeout(), inFlight),
                headers.ofCallbacks());
    }

    static <T> T checked(String key, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key + ": " + e.getMessage());
        }
    }

    private static GuardedHttp http(
            List<String> allowAddresses,
            String key,
            Optional<HostList> hosts,
            HttpLimits limits,
            Map<String, String> headers) {
        return new GuardedHttp(UrlPolicies.of(allowAddresses, key, hosts), limits, headers);
    }

    static WebhookSigner signer(Callback callback) {
        WebhookSigner signer =
                checked("callback.secrets", () -> WebhookSigner.of(callback.secrets()));
        for (int i = 0; i < callback.hosts().size(); i++) {
            String key = "callback.hosts[" + i + "]";
            Callback.Host own = callback.hosts().get(i);
            HostList host = checked(key + ".host", () -> new HostList(List.of(own.host())));
            WebhookSigner before = signer;
            signer = checked(key + ".secrets", () -> before.withHost(host, own.secrets()));
        }
        return signer;
    }

    /** What records traces, as OpenTelemetry's variables say. */
    static Tracing tracing(QueueSettings queue) {
        return checked("traces", () -> Traces.open(queue.url()));
    }

    /** A client of the queue at this URL and of those beside it, for their results. */
    static SqsClient results(String queueUrl, WorkerConfig config) {
        return checked("results", () -> SqsClients.create(queueUrl, config.queue()));
    }

    /** Puts results into buckets; what callbacks carry is not for a store. */
    static GuardedHttp stores(WorkerConfig config) {
        Callback callback = config.callback();
        return new GuardedHttp(
                config.results()
                        .s3Endpoint()
                        .map(ClientFactory::onlyServer)
                        .orElseGet(
                                () ->
                                        UrlPolicies.of(
                                                callback.allowAddresses(),
                                                "callback.allowAddresses",
                                                Optional.empty())),
                new HttpLimits(
                        CALLBACK_CONNECT,
                        callback.timeout(),
                        callback.timeout(),
                        config.admission().messages()),
                Map.of());
    }

    /** Where a bucket for results is, and what signs for it. */
    static ObjectStore store(String bucket, WorkerConfig config) {
        return new ObjectStore(
                new StoreSettings(
                        config.results().s3Endpoint(),
                        Optional.empty(),
                        false,
                        List.of(AllowedBucket.of(bucket))),
                config.fetch().s3().region().or(() -> SqsClients.namedRegion(config.queue())));
    }

    /** A client of the topics of a region, with time for one attempt as for a callback. */
    static SnsClient topics(String region, WorkerConfig config) {
        Optional<URI> endpoint = config.results().snsEndpoint();
        Duration timeout = config.callback().timeout();
        return SnsClient.builder()
                .applyMutation(builder -> endpoint.ifPresent(builder::endpointOverride))
                .region(Region.of(region))
                .credentialsProvider(SqsClients.credentials(endpoint.isEmpty()))
                .httpClientBuilder(
                        Apache5HttpClient.builder()
                                .maxConnections(ResultSinks.CALLS)
                                .connectionTimeout(CALLBACK_CONNECT)
                                .socketTimeout(timeout))
                .overrideConfiguration(
                        settings ->
                                settings.apiCallAttemptTimeout(timeout)
                                        .apiCallTimeout(timeout)
                                        .retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    /**
     * A queue that answers.
     *
     * @param said what it says of itself, for a person
     * @param fit what a worker does with it
     */
    record ReachedQueue(SqsClient client, String said, QueueFit fit) {}

    /** A client of a queue that answers, if only that it denies its attributes. */
    static ReachedQueue queue(WorkerConfig config, Optional<InProcess> inside) {
        return inside.map(
                        own ->
                                new ReachedQueue(
                                        own.queue(),
                                        "the queue is in this process",
                                        QueueFit.unknown(config)))
                .orElseGet(() -> queue(config));
    }

    private static ReachedQueue queue(WorkerConfig config) {
        QueueSettings settings = config.queue();
        SqsClient client = checked("queue", () -> SqsClients.create(settings));
        try {
            QueueStatus status = new QueueProbe(client, settings).describe();
            MissingCredentials.webIdentity()
                    .ifPresent(
                            why ->
                                    LOG.warn(
                                            "{}; until then the worker has the credentials of another source, such as this machine's role",
                                            why));
            return new ReachedQueue(client, StartReport.said(status), QueueFit.of(config, status));
        } catch (QueueUnavailableException e) {
            if (e.denied().isPresent()) {
                return new ReachedQueue(
                        client, StartReport.denied(e.denied().get()), QueueFit.unknown(config));
            }
            client.close();
            throw new ConfigException("queue.url: " + e.getMessage());
        }
    }
}
