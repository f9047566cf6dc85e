package dev.millrace.fetch;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Stage;
import dev.millrace.net.GuardedHttp;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.NoCredentialsException;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreError;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Response;

/**
 * An object in a bucket that may be read. Its answers lead to the same object only: once in the
 * region that the bucket names, at a host that this worker makes of it, and once with other
 * credentials. So no signature goes to a host that an answer named. Owned by one fetch task.
 */
final class ObjectTarget implements Target {
    private static final int MAX_NAME = 200;

    private final ObjectStore store;
    private final GuardedHttp http;
    private final ObjectRef object;
    private final AllowedBucket bucket;
    private final String region;
    private final HttpUrl url;
    private final boolean moved;
    private final boolean renewed;
    private ObjectStore.Signed signed;

    private ObjectTarget(
            ObjectStore store,
            GuardedHttp http,
            ObjectRef object,
            AllowedBucket bucket,
            String region,
            boolean moved,
            boolean renewed)
            throws FailureException {
        this.store = store;
        this.http = http;
        this.object = object;
        this.bucket = bucket;
        this.region = region;
        this.moved = moved;
        this.renewed = renewed;
        this.url = http.policy().check(store.url(object, region), Stage.FETCH);
    }

    /**
     * Nothing is sent for it yet.
     *
     * @throws FailureException of kind {@code URL_FORBIDDEN} where the operator does not allow it
     */
    static ObjectTarget of(ObjectRef object, ObjectStore store, GuardedHttp http)
            throws FailureException {
        AllowedBucket bucket = store.check(object);
        return new ObjectTarget(store, http, object, bucket, store.region(object), false, false);
    }

    @Override
    public HttpUrl url() {
        return url;
    }

    @Override
    public GuardedHttp http() {
        return http;
    }

    ObjectRef object() {
        return object;
    }

    AllowedBucket bucket() {
        return bucket;
    }

    /** On one line. */
    @Override
    public String name() {
        String name = LimitedLog.plain(object.toString());
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME) + "...";
    }

    @Override
    public Headers headers() throws FailureException, InterruptedException {
        try {
            signed = store.sign(url, object, bucket, region);
            return signed.headers();
        } catch (NoCredentialsException e) {
            throw new FailureException(
                    Failure.Kind.FETCH_FAILED,
                    Stage.FETCH,
                    name() + " was not requested: " + e.getMessage());
        }
    }

    @Override
    public Target next(Response answer) throws IOException, FailureException {
        StoreError error = read(answer);
        int status = answer.code();
        if (error.code().equals("ExpiredToken")) {
            store.expired(signed);
            if (!renewed) {
                return again(region, moved, true);
            }
        }
        if (status == 301 || status == 307 || status == 400) {
            Optional<String> other =
                    ObjectStore.region(
                                    error,
                                    answer.header("x-amz-bucket-region"),
                                    answer.header("Location"))
                            .filter(named -> !named.equals(region) && store.isReachable(named));
            if (other.isPresent() && !moved) {
                store.moved(object.bucket(), other.get());
                return again(other.get(), true, renewed);
            }
        }
        throw ObjectFailures.of(answer, error, this);
    }

    private Target again(String where, boolean hasMoved, boolean hasRenewed)
            throws FailureException {
        return new ObjectTarget(store, http, object, bucket, where, hasMoved, hasRenewed);
    }

    private static StoreError read(Response answer) throws IOException {
        try (InputStream in = answer.body().byteStream()) {
            return StoreError.of(in.readNBytes(StoreError.MAX_BYTES));
        }
    }
}
