package dev.millrace.deliver;

import dev.millrace.job.Destination;
import dev.millrace.job.FailureException;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Stage;
import dev.millrace.net.GuardedHttp;
import dev.millrace.objects.NoCredentialsException;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreError;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Puts results into one bucket of S3, each as an object of its own. What a callback has as headers
 * is the object's metadata. A message that comes again writes the same key again. Thread-safe.
 */
public final class ObjectSink implements ResultSink {
    private static final String METADATA = "x-amz-meta-";
    private static final String TYPE = "application/json";

    /** The first, one in the bucket's region, and one with renewed credentials. */
    private static final int TRIES = 3;

    private final GuardedHttp http;
    private final ObjectStore store;
    private final WebhookSigner signer;

    /**
     * @param http that sends nothing of callbacks along, and which its maker closes
     * @param store of the bucket, which its maker closes
     */
    public ObjectSink(GuardedHttp http, ObjectStore store, WebhookSigner signer) {
        this.http = http;
        this.store = store;
        this.signer = signer;
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        Destination.Objects to = (Destination.Objects) message.request().destination();
        String id = message.delivery().messageId();
        ObjectRef object =
                new ObjectRef(
                        to.bucket(),
                        to.key(id),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", TYPE);
        signer.headers(id, body)
                .forEach(mark -> headers.put(METADATA + mark.getFirst(), mark.getSecond()));
        AwsRefusals refusals = new AwsRefusals(to.name(), "s3:PutObject");
        for (int tried = 1; !isPut(object, headers, body, tried == TRIES, refusals); tried++) {
            // Elsewhere, or with other credentials.
        }
    }

    private boolean isPut(
            ObjectRef object,
            Map<String, String> headers,
            byte[] body,
            boolean last,
            AwsRefusals refusals)
            throws IOException, InterruptedException {
        String region = store.region(object);
        try {
            HttpUrl url = http.policy().check(store.url(object, region), Stage.CALLBACK);
            ObjectStore.Signed signed = store.signPut(url, headers, body, region);
            try (Response answer = http.newCall(request(url, signed.headers(), body)).execute()) {
                if (answer.isSuccessful()) {
                    return true;
                }
                StoreError error = read(answer);
                if (last || !store.learns(answer, error, signed, object.bucket(), region)) {
                    throw refusals.ofStore(answer.code(), error);
                }
                return false;
            }
        } catch (NoCredentialsException | FailureException e) {
            throw new ResultRefusal(refusals.name() + ": " + e.getMessage(), false, false);
        }
    }

    private Request request(HttpUrl url, Headers signed, byte[] body) {
        Request.Builder request = http.request(url);
        // What is signed goes as it was signed.
        signed.forEach(header -> request.header(header.getFirst(), header.getSecond()));
        return request.put(RequestBody.create(body)).build();
    }

    private static StoreError read(Response answer) throws IOException {
        try (InputStream in = answer.body().byteStream()) {
            return StoreError.of(in.readNBytes(StoreError.MAX_BYTES));
        }
    }
}
