package dev.millrace.objects;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Stage;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;

/**
 * The buckets that this worker may read: says whether an object is in one, and makes the signed
 * request for it. It sends nothing itself. Owns its credentials. Thread-safe.
 */
public final class ObjectStore implements AutoCloseable {
    private static final String DEFAULT_REGION = "us-east-1";

    private final StoreSettings settings;
    private final StoreHosts hosts;
    private final RequestSigner signer;
    private final StoreCredentials credentials;
    private final String home;

    /** Where buckets have said that they are; no more than the operator listed. */
    private final Map<String, String> regions = new ConcurrentHashMap<>();

    /**
     * Asks nobody anything yet.
     *
     * @param near a region to begin with where the configuration and the environment name none
     */
    public ObjectStore(StoreSettings settings, Optional<String> near) {
        this(
                settings,
                StoreHosts.of(settings.endpoint()),
                near,
                new StoreCredentials(
                        () ->
                                DefaultCredentialsProvider.builder()
                                        .asyncCredentialUpdateEnabled(true)
                                        .build()),
                Clock.systemUTC());
    }

    ObjectStore(
            StoreSettings settings,
            StoreHosts hosts,
            Optional<String> near,
            StoreCredentials credentials,
            Clock clock) {
        this.settings = settings;
        this.hosts = hosts;
        this.signer = new RequestSigner(clock);
        this.credentials = credentials;
        this.home =
                settings.region()
                        .or(() -> settings.isOpen() ? ofEnvironment() : Optional.empty())
                        .or(() -> near)
                        .orElse(DEFAULT_REGION);
    }

    /** Without asking a metadata service. */
    private static Optional<String> ofEnvironment() {
        try {
            return Optional.of(
                    new AwsRegionProviderChain(
                                    new SystemSettingsRegionProvider(),
                                    new AwsProfileRegionProvider())
                            .getRegion()
                            .id());
        } catch (SdkClientException e) {
            return Optional.empty();
        }
    }

    /**
     * What the operator allows of the object's bucket. Nothing is sent for what is not allowed.
     *
     * @throws FailureException of kind {@code URL_FORBIDDEN}
     */
    public AllowedBucket check(ObjectRef object) throws FailureException {
        AllowedBucket allowed =
                settings.allowed(object.bucket())
                        .orElseThrow(
                                () ->
                                        forbidden(
                                                "the bucket %s is not one that this worker reads; use one of those, or ask the operator to add it to fetch.s3.allowBuckets"
                                                        .formatted(object.bucket())));
        if (!object.key().startsWith(allowed.prefix())) {
            throw forbidden(
                    "of the bucket %s this worker reads only keys that begin with '%s'; use one of those, or ask the operator to change fetch.s3.allowBuckets"
                            .formatted(object.bucket(), allowed.prefix()));
        }
        if (object.region().isPresent() && !isReachable(object.region().get())) {
            throw forbidden(
                    "its message says that the bucket %s is in the region '%s', and this worker reads buckets in the partition of %s only; correct the region, or send the message to a worker of that partition"
                            .formatted(object.bucket(), object.region().get(), home));
        }
        if (hasDotSegment(object.key())) {
            // An HTTP client would shorten it, and a store may take it for a way to another bucket.
            throw forbidden(
                    "its key has a part '.' or '..' between slashes, which stores take for a folder; rename the object");
        }
        return allowed;
    }

    /**
     * Whether a bucket in this region may be asked: one of the partition of AWS that the worker is
     * in, whose credentials no other knows. A store of its own has any regions, which only a
     * signature names.
     */
    public boolean isReachable(String region) {
        return settings.endpoint().isPresent()
                || region.equals(home)
                || region.matches(PartitionMetadata.of(Region.of(home)).regionRegex());
    }

    private static boolean hasDotSegment(String key) {
        for (String segment : key.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** The line for whoever sent a URL that is refused. */
    public static FailureException forbidden(String why) {
        return new FailureException(
                Failure.Kind.URL_FORBIDDEN, Stage.FETCH, "image URL refused: " + why);
    }

    /** Where the object's bucket is, as far as is known. */
    public String region(ObjectRef object) {
        String learned = regions.get(object.bucket());
        return learned != null ? learned : object.region().orElse(home);
    }

    /** Where a bucket is of which no message says it. */
    String region(String bucket) {
        return regions.getOrDefault(bucket, home);
    }

    /** The bucket has said that it is in another region, which it keeps where it may be asked. */
    public void moved(String bucket, String region) {
        if (isReachable(region)) {
            regions.put(bucket, region);
        }
    }

    /**
     * The region that an answer to a request for an object names instead of the one that was asked.
     *
     * @param header {@code x-amz-bucket-region}, or null
     * @param location {@code Location}, or null
     */
    public static Optional<String> region(StoreError error, String header, String location) {
        return Optional.ofNullable(header)
                .filter(ObjectRef::isRegion)
                .or(error::region)
                .or(() -> error.endpoint().flatMap(StoreHosts::regionIn))
                .or(
                        () ->
                                Optional.ofNullable(location)
                                        .map(HttpUrl::parse)
                                        .flatMap(url -> StoreHosts.regionIn(url.host())));
    }

    /**
     * Takes from an answer that refuses what it says of credentials or of the bucket's region.
     *
     * @param region that was asked
     * @return whether the same request, signed anew, may be answered otherwise
     */
    public boolean learns(
            Response answer, StoreError error, Signed signed, String bucket, String region) {
        if (error.code().equals("ExpiredToken")) {
            expired(signed);
            return true;
        }
        Optional<String> other =
                region(error, answer.header("x-amz-bucket-region"), answer.header("Location"))
                        .filter(named -> !named.equals(region) && isReachable(named));
        other.ifPresent(named -> moved(bucket, named));
        return other.isPresent();
    }

    /** Where the object is asked for. */
    public HttpUrl url(ObjectRef object, String region) {
        HttpUrl url = hosts.object(object.bucket(), region, object.key());
        return object.versionId()
                .map(id -> url.newBuilder().addQueryParameter("versionId", id).build())
                .orElse(url);
    }

    /**
     * Where a page of the bucket's list is asked for.
     *
     * @param token of the page before it
     */
    HttpUrl listUrl(String bucket, String region, String prefix, Optional<String> token) {
        HttpUrl.Builder url =
                hosts.object(bucket, region, "")
                        .newBuilder()
                        .addQueryParameter("list-type", "2")
                        // XML has no place for some of the characters that keys may have.
                        .addQueryParameter("encoding-type", "url")
                        .addQueryParameter("prefix", prefix);
        token.ifPresent(text -> url.addQueryParameter("continuation-token", text));
        return url.build();
    }

    /** A request that is signed, and with what. */
    public record Signed(Headers headers, AwsCredentialsIdentity credentials) {
        /** Without what is secret. */
        @Override
        public String toString() {
            return "Signed" + headers.names();
        }
    }

    /**
     * Signs a {@code GET} of {@link #url} as late as it is sent.
     *
     * @throws NoCredentialsException with one line where there is nothing to sign with
     */
    public Signed sign(HttpUrl url, ObjectRef object, AllowedBucket bucket, String region)
            throws NoCredentialsException, InterruptedException {
        Map<String, String> headers = new LinkedHashMap<>();
        object.etag().ifPresent(etag -> headers.put("If-Match", '"' + etag + '"'));
        bucket.owner().ifPresent(id -> headers.put("x-amz-expected-bucket-owner", id));
        if (settings.requesterPays()) {
            headers.put("x-amz-request-payer", "requester");
        }
        return signed(SdkHttpMethod.GET, url, headers, Optional.empty(), region);
    }

    /** Signs a {@code GET} of {@link #listUrl}. */
    Signed signList(HttpUrl url, String region)
            throws NoCredentialsException, InterruptedException {
        return signed(SdkHttpMethod.GET, url, Map.of(), Optional.empty(), region);
    }

    /**
     * Signs a {@code PUT} of {@link #url} as late as it is sent. Whether the bucket may be written
     * to is the caller's to know.
     *
     * @param headers that are signed, such as {@code Content-Type}
     * @throws NoCredentialsException with one line where there is nothing to sign with
     */
    public Signed signPut(HttpUrl url, Map<String, String> headers, byte[] body, String region)
            throws NoCredentialsException, InterruptedException {
        return signed(SdkHttpMethod.PUT, url, headers, Optional.of(body), region);
    }

    private Signed signed(
            SdkHttpMethod method,
            HttpUrl url,
            Map<String, String> headers,
            Optional<byte[]> body,
            String region)
            throws NoCredentialsException, InterruptedException {
        AwsCredentialsIdentity identity = credentials.get();
        return new Signed(signer.sign(method, url, headers, body, region, identity), identity);
    }

    /** The store took the credentials for expired, so that others are asked for. */
    public void expired(Signed signed) {
        credentials.refused(signed.credentials());
    }

    /** Why nothing can be signed, in one line; empty where it can. Asks for credentials. */
    public Optional<String> missingCredentials() throws InterruptedException {
        try {
            credentials.get();
            return Optional.empty();
        } catch (NoCredentialsException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public void close() {
        credentials.close();
    }
}
