package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ObjectServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A whole worker reads objects of the bucket that it may read, with the credentials that the SDK of
 * AWS finds, and no others.
 */
@Isolated("its scene counts the threads of the process, and it sets properties of the SDK")
class ObjectsOfWorkerTest extends WithWorkerScene {
    private static final String PHOTO = "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg";
    private static final String NO_INSTANCE = "aws.disableEc2Metadata";
    private static final List<String> FILES =
            List.of("aws.sharedCredentialsFile", "aws.configFile");
    private static final List<String> KEYS = List.of("aws.accessKeyId", "aws.secretAccessKey");

    private final Map<String, String> settings = WorkerScene.settings();
    private ObjectServer server;

    @BeforeEach
    void aBucket() throws IOException {
        server = new ObjectServer();
        try (InputStream in = ObjectsOfWorkerTest.class.getResourceAsStream(PHOTO)) {
            Reply photo = Reply.of(in.readAllBytes(), "1");
            for (String bucket : List.of("photos", "secret")) {
                server.bucket(bucket, "eu-central-1", "111122223333", true);
                server.put(bucket, "a photo+1.jpg", photo);
            }
        }
        settings.put("MILLRACE_FETCH_S3_ENDPOINT", "http://127.0.0.1:" + server.port());
        settings.put("MILLRACE_FETCH_S3_REGION", "eu-central-1");
        settings.put("MILLRACE_FETCH_S3_ALLOW_BUCKETS", "photos");
        System.setProperty(NO_INSTANCE, "true");
        // Whoever runs the tests may have some.
        FILES.forEach(name -> System.setProperty(name, "/no/such/file"));
    }

    @AfterEach
    void noProperties() {
        System.clearProperty(NO_INSTANCE);
        FILES.forEach(System::clearProperty);
        KEYS.forEach(System::clearProperty);
        server.close();
    }

    @Test
    void readsWhatItMayRead() throws Exception {
        System.setProperty(KEYS.getFirst(), ObjectServer.KEY_ID);
        System.setProperty(KEYS.getLast(), ObjectServer.SECRET);
        assertEquals(Optional.empty(), StoreCheck.missing(scene.config(settings)));
        try (Worker _ = Worker.start(scene.config(settings))) {
            String allowed = scene.send("s3://photos/a photo+1.jpg");
            String forbidden = scene.send("s3://secret/a photo+1.jpg");
            scene.internet.await(2, 30);
            JsonNode good = scene.internet.result(allowed);
            assertEquals("ok", good.path("status").textValue(), good::toString);
            assertEquals("s3://photos/a photo+1.jpg", good.path("url").textValue());
            JsonNode bad = scene.internet.result(forbidden);
            assertEquals("url_forbidden", bad.path("error").path("kind").textValue());
        }
        assertEquals(
                List.of("/photos/a%20photo%2B1.jpg"),
                server.log().stream().map(ObjectServer.Request::target).toList());
    }

    /** The worker starts all the same: other messages may need none. */
    @Test
    void saysThatItHasNoCredentials() throws Exception {
        assumeTrue(System.getenv("AWS_ACCESS_KEY_ID") == null, "the environment has credentials");
        String why = StoreCheck.missing(scene.config(settings)).orElseThrow();
        assertTrue(why.contains("no AWS credentials"), why);
        assertEquals(1, why.lines().count(), why);
        try (LogLines log = new LogLines("dev.millrace.worker");
                Worker _ = Worker.start(scene.config(settings))) {
            String id = scene.send();
            scene.internet.await(1, 30);
            assertEquals("ok", scene.internet.result(id).path("status").textValue());
            assertEquals(1, log.lines("fetch.s3: ").size());
        }
        assertEquals(List.of(), server.log());
    }

    /** The SDK says nothing of it and takes the credentials of another source. */
    @Test
    void saysThatARolesTokenIsMissing() throws Exception {
        assumeTrue(System.getenv("AWS_ROLE_ARN") == null, "the environment has a role");
        String token = "aws.webIdentityTokenFile";
        System.setProperty(token, "/no/such/token");
        System.setProperty("aws.roleArn", "arn:aws:iam::123456789012:role/millrace");
        try (LogLines log = new LogLines("dev.millrace.worker");
                Worker _ = Worker.start(scene.config(settings))) {
            assertEquals(
                    1,
                    log.lines(
                                    "AWS_WEB_IDENTITY_TOKEN_FILE: '/no/such/token' does not exist; mount the service account's token there; until then")
                            .size());
        } finally {
            System.clearProperty(token);
            System.clearProperty("aws.roleArn");
        }
    }
}
