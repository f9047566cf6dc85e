package dev.millrace.source;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Makes clients for a queue, on AWS or on a server that speaks like SQS. */
public final class SqsClients {
    /** What a call may take beyond the time that the queue is asked to wait. */
    static final Duration CALL_TIME = Duration.ofSeconds(5);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** The callers try again themselves, with pauses; one quiet repeat hides a lost connection. */
    private static final int ATTEMPTS = 2;

    /** For acknowledgements, heartbeats and probes, beside the polls; opened when first wanted. */
    private static final int OTHER_CONNECTIONS =
            Acknowledger.MAX_CALLS + VisibilityKeeper.MAX_CALLS + 8;

    static final String REGION_OF_NO_CONSEQUENCE = "elasticmq";

    private SqsClients() {}

    /**
     * A client for the queue, to be closed by the caller. Away from AWS it goes to the endpoint, or
     * else to the origin of the queue's URL, and needs no account.
     *
     * @throws IllegalArgumentException with one line when no region is known
     */
    public static SqsClient create(QueueSettings settings) {
        Optional<URI> endpoint = endpoint(settings);
        boolean onAws = endpoint.map(uri -> new QueueHost(uri).isAws()).orElse(true);
        Duration longest = maxAttempt(settings);
        return SqsClient.builder()
                .applyMutation(builder -> endpoint.ifPresent(builder::endpointOverride))
                .region(region(settings, onAws))
                .credentialsProvider(credentials(onAws))
                .httpClientBuilder(
                        Apache5HttpClient.builder()
                                .maxConnections(settings.mostPolls() + OTHER_CONNECTIONS)
                                .connectionTimeout(CONNECT_TIMEOUT)
                                .connectionAcquisitionTimeout(CALL_TIME)
                                .socketTimeout(longest))
                .overrideConfiguration(
                        ClientOverrideConfiguration.builder()
                                .apiCallAttemptTimeout(longest)
                                .apiCallTimeout(maxCall(settings))
                                .retryStrategy(
                                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                                .maxAttempts(ATTEMPTS)
                                                .build())
                                .build())
                .build();
    }

    /**
     * A client for a queue that takes what a worker of another queue sends, to be closed by the
     * caller. A server beside AWS is taken to have the region of the worker's own, where the URL
     * names none.
     *
     * @throws IllegalArgumentException with one line when no region is known
     */
    public static SqsClient create(String url, QueueSettings own) {
        QueueHost host = new QueueHost(URI.create(url));
        return create(
                QueueSettings.of(
                        url,
                        draft -> {
                            draft.waitTime = Duration.ZERO;
                            draft.region = host.isAws() ? Optional.empty() : namedRegion(own);
                        }));
    }

    private static Duration maxAttempt(QueueSettings settings) {
        return settings.waitTime().plus(CALL_TIME);
    }

    /** After which a call ends, whatever the queue does. */
    static Duration maxCall(QueueSettings settings) {
        return maxAttempt(settings).multipliedBy(ATTEMPTS);
    }

    private static Optional<URI> endpoint(QueueSettings settings) {
        if (settings.endpoint().isPresent()) {
            return settings.endpoint();
        }
        QueueHost host = new QueueHost(URI.create(settings.url()));
        return host.isAws() ? Optional.empty() : Optional.of(host.origin());
    }

    /**
     * The URL goes before the environment: a queue lives in the region that its URL names, wherever
     * the worker runs, and reading it asks no metadata service.
     */
    private static Region region(QueueSettings settings, boolean onAws) {
        Optional<String> named = new QueueHost(URI.create(settings.url())).region();
        if (onAws
                && named.isPresent()
                && !settings.region().orElse(named.get()).equals(named.get())) {
            throw new IllegalArgumentException(
                    "the region '%s' is not the region of '%s', whose URL names '%s'; leave the region out"
                            .formatted(settings.region().get(), settings.url(), named.get()));
        }
        return Region.of(
                settings.region()
                        .or(() -> named)
                        .orElseGet(
                                () -> onAws ? regionOrThrow(settings.url()) : regionOrDefault()));
    }

    /** The region that the settings or the queue's URL name, without asking anybody. */
    public static Optional<String> namedRegion(QueueSettings settings) {
        return settings.region().or(() -> new QueueHost(URI.create(settings.url())).region());
    }

    /** Whether nobody says which region a server that is not AWS's has, if it has any. */
    static boolean guessesRegion(QueueSettings settings) {
        return settings.region().isEmpty()
                && endpoint(settings).map(uri -> !new QueueHost(uri).isAws()).orElse(false)
                && new QueueHost(URI.create(settings.url())).region().isEmpty()
                && regionOrDefault().equals(REGION_OF_NO_CONSEQUENCE);
    }

    private static String regionOrThrow(String url) {
        try {
            return new DefaultAwsRegionProviderChain().getRegion().id();
        } catch (SdkClientException e) {
            throw new IllegalArgumentException(
                    "the region of '" + url + "' is not known; set queue.region or AWS_REGION", e);
        }
    }

    private static String regionOrDefault() {
        AwsRegionProvider local =
                new AwsRegionProviderChain(
                        new SystemSettingsRegionProvider(), new AwsProfileRegionProvider());
        try {
            return local.getRegion().id();
        } catch (SdkClientException e) {
            return REGION_OF_NO_CONSEQUENCE;
        }
    }

    /** Of whoever runs the worker; away from AWS none are needed. */
    public static AwsCredentialsProvider credentials(boolean onAws) {
        return onAws ? DefaultCredentialsProvider.builder().build() : anyone();
    }

    /** What this machine has, without asking a metadata service, or else a name for nobody. */
    private static AwsCredentialsProvider anyone() {
        return AwsCredentialsProviderChain.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                ProfileCredentialsProvider.create(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("none", "none")));
    }
}
