package dev.millrace.objects;

import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.GuardedHttp;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Optional;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.Response;

/**
 * Lists what is in a bucket, a page of a thousand objects at a time, on the caller's thread. It
 * follows the bucket to its region, asks for other credentials where the store takes those it has
 * for expired, and asks for a page again where the store has a fault. Thread-safe.
 */
public final class ObjectLister {
    private static final int ATTEMPTS = 4;
    private static final int PAUSE_MS = 250;

    private final GuardedHttp http;
    private final ObjectStore store;

    /**
     * @param http whose policy the store's host obeys, too
     */
    public ObjectLister(GuardedHttp http, ObjectStore store) {
        this.http = http;
        this.store = store;
    }

    /**
     * Hands over each object whose key begins with the prefix, in the order of the keys.
     *
     * @throws ListingException where the list ends before its end
     */
    public void list(String bucket, String prefix, Consumer<ListedObject> taker)
            throws ListingException, InterruptedException {
        Optional<String> token = Optional.empty();
        do {
            ObjectPage page = page(bucket, prefix, token);
            page.objects().forEach(taker);
            token = page.next();
        } while (token.isPresent());
    }

    private ObjectPage page(String bucket, String prefix, Optional<String> token)
            throws ListingException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            String region = store.region(bucket);
            String why;
            boolean mayPass;
            try {
                HttpUrl url =
                        http.policy()
                                .check(store.listUrl(bucket, region, prefix, token), Stage.FETCH);
                ObjectStore.Signed signed = store.signList(url, region);
                try (Response answer =
                        http.newCall(http.request(url).headers(signed.headers()).build())
                                .execute()) {
                    if (answer.isSuccessful()) {
                        return ObjectPage.of(read(answer, ObjectPage.MAX_BYTES));
                    }
                    StoreError error = StoreError.of(read(answer, StoreError.MAX_BYTES));
                    why = said(answer.code(), error);
                    mayPass = mayPass(answer, error, signed, bucket, region);
                }
            } catch (ProtocolException e) {
                why = e.getMessage();
                mayPass = true;
            } catch (IOException e) {
                why = "its store cannot be read (" + e.getClass().getSimpleName() + ")";
                mayPass = true;
            } catch (FailureException | NoCredentialsException e) {
                why = e.getMessage();
                mayPass = false;
            }
            if (!mayPass || attempt == ATTEMPTS) {
                throw new ListingException(
                        "the objects of the bucket %s cannot be listed: %s".formatted(bucket, why));
            }
            Thread.sleep((long) attempt * PAUSE_MS);
        }
    }

    private static byte[] read(Response answer, int most) throws IOException {
        try (InputStream in = answer.body().byteStream()) {
            return in.readNBytes(most);
        }
    }

    private static String said(int status, StoreError error) {
        String code = error.code().isEmpty() ? "" : " (" + error.code() + ")";
        String remedy =
                switch (status) {
                    case 403 -> "; allow s3:ListBucket on it";
                    case 404 -> "; check its name";
                    default -> "";
                };
        return "the store answered " + status + code + remedy;
    }

    /** Whether another try may end otherwise, with what the answer says. */
    private boolean mayPass(
            Response answer,
            StoreError error,
            ObjectStore.Signed signed,
            String bucket,
            String region) {
        return store.learns(answer, error, signed, bucket, region)
                || answer.code() >= 500
                || answer.code() == 429;
    }
}
