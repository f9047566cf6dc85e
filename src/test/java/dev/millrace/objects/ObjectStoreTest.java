package dev.millrace.objects;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.job.ObjectRef;
import dev.millrace.testing.ObjectServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** What is signed to be written, which a server of its own checks. */
final class ObjectStoreTest {
    private static final String JSON = "application/json";

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        byte[] body = "{\"status\": \"ok\"}".getBytes(StandardCharsets.UTF_8);
        ObjectRef object = ObjectRef.parse("s3://results/2026/a b+ü.json");
        try (ObjectServer server = new ObjectServer();
                ObjectStore store =
                        TestStores.inPaths(
                                TestStores.at(server.port(), List.of(AllowedBucket.of("results"))),
                                TestStores.READER)) {
            server.bucket("results", "eu-central-1", "111122223333", true);
            OkHttpClient client = new OkHttpClient();
            HttpUrl url = store.url(object, store.region(object));
            ObjectStore.Signed put =
                    store.signPut(
                            url,
                            Map.of("Content-Type", JSON, "x-amz-meta-id", "msg_1"),
                            body,
                            store.region(object));
            Request write =
                    new Request.Builder()
                            .url(url)
                            .headers(put.headers())
                            .put(RequestBody.create(body, MediaType.get(JSON)))
                            .build();
            try (Response answer = client.newCall(write).execute()) {
                assertEquals(200, answer.code());
            }
            ObjectStore.Signed get =
                    store.sign(url, object, store.check(object), store.region(object));
            Request read = new Request.Builder().url(url).headers(get.headers()).build();
            try (Response answer = client.newCall(read).execute()) {
                assertArrayEquals(body, answer.body().bytes());
            }
            // The control: another header than the signed one is refused.
            Request forged = write.newBuilder().header("x-amz-meta-id", "msg_2").build();
            try (Response answer = client.newCall(forged).execute()) {
                assertEquals(403, answer.code());
            }
            assertEquals("msg_1", server.log().getFirst().headers().get("x-amz-meta-id"));
        }
    }
}
