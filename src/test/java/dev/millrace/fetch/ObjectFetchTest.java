package dev.millrace.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Outcome;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.StoreSettings;
import dev.millrace.objects.TestStores;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ObjectServer.Reply;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WaitsMostly;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * What a download of an object comes to. The server checks each signature with code of its own, and
 * its log says what was asked for.
 */
@WaitsMostly
final class ObjectFetchTest {
    private static final byte[] IMAGE = "an image".getBytes(StandardCharsets.UTF_8);
    private static final String ETAG = "9a0364b9e99bb480dd25e1f0284c8555";
    private static final String OWNER = "111122223333";
    private static final String HOME = "eu-central-1";

    private ObjectServer server;
    private FetchScene scene;
    private ObjectStore store;

    @BeforeEach
    void aStoreWithBuckets() throws Exception {
        server = new ObjectServer();
        server.bucket("photos", HOME, OWNER, true);
        server.bucket("my.photos", HOME, OWNER, true);
        server.bucket("secret", HOME, OWNER, true);
        server.put("secret", "cat.jpg", Reply.of(IMAGE, ETAG));
        server.put("photos", "cat.jpg", Reply.of(IMAGE, ETAG));
        open(TestStores.inPaths(settings(AllowedBucket.of("photos")), TestStores.READER));
    }

    private StoreSettings settings(AllowedBucket... buckets) {
        return TestStores.at(server.port(), List.of(buckets));
    }

    private void open(ObjectStore other) {
        if (scene != null) {
            scene.close();
            store.close();
        }
        store = other;
        scene = FetchScene.reading(other);
    }

    @AfterEach
    void nothingIsLeft() {
        scene.close();
        store.close();
        server.close();
        assertEquals(0, scene.admission.bytesInFlight(), "bytes that nobody returned");
        assertTrue(scene.endings.isEmpty(), () -> "unexpected: " + scene.endings);
        assertTrue(scene.completed.isEmpty(), () -> "unexpected: " + scene.completed);
    }

    private void gets(ObjectRef object, byte[] image) throws InterruptedException {
        Message message = scene.accept(object, "a");
        assertArrayEquals(image, scene.job("a", 0).body());
        message.settle(new Outcome.Delivered());
        scene.endings.remove();
    }

    private void gets(String url) throws InterruptedException {
        gets(ObjectRef.parse(url), IMAGE);
    }

    /** One line, with each of the words. */
    private static void says(Failure failure, Failure.Kind kind, String... words) {
        String line = failure.message();
        assertEquals(kind, failure.kind(), line);
        assertEquals(1, line.lines().count(), line);
        for (String word : words) {
            assertTrue(line.contains(word), line);
        }
        assertFalse(line.matches(".*(java|software)\\.[a-z.]+Exception.*"), line);
        assertFalse(line.contains("Signature="), line);
    }

    private void refuses(String url, Failure.Kind kind, String... words) throws Exception {
        scene.accept(url, "a");
        says(kind.retryable() ? scene.retried() : scene.reported(), kind, words);
    }

    private void nothingWasAsked() {
        assertEquals(List.of(), server.log());
    }

    /** The operator's own server needs no address that senders may then use, too. */
    @Test
    void aPrivateStoreIsReadWithNoAddressOpened() throws Exception {
        scene.close();
        HttpUrl endpoint = HttpUrl.get("http://127.0.0.1:" + server.port());
        scene = FetchScene.readingFrom(endpoint, store);
        gets("s3://photos/cat.jpg");
        int asked = server.log().size();

        refuses(endpoint + "photos/cat.jpg", Failure.Kind.URL_FORBIDDEN, "not public");
        refuses("http://inside.test/a.jpg", Failure.Kind.URL_FORBIDDEN, "not public");
        assertEquals(asked, server.log().size(), server.log()::toString);
    }

    /** Where the store's answers lead is no server of the configuration. */
    @Test
    void aRedirectOfAPrivateStoreLeadsNowhere() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (RawServer other =
                        new RawServer(
                                "127.0.0.1",
                                0,
                                (_, out) -> {
                                    asked.incrementAndGet();
                                    out.write(RawServer.ok(IMAGE));
                                });
                RawServer redirecting =
                        new RawServer(
                                "127.0.0.1",
                                0,
                                (_, out) ->
                                        out.write(
                                                ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:"
                                                                + other.port()
                                                                + "/photos/cat.jpg\r\nContent-Length: 0\r\n\r\n")
                                                        .getBytes(StandardCharsets.US_ASCII)))) {
            open(
                    TestStores.inPaths(
                            TestStores.at(redirecting.port(), List.of(AllowedBucket.of("photos"))),
                            TestStores.READER));
            scene.close();
            scene =
                    FetchScene.readingFrom(
                            HttpUrl.get("http://127.0.0.1:" + redirecting.port()), store);
            scene.accept("s3://photos/cat.jpg", "a");
            scene.reported();
            assertEquals(0, asked.get());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat.jpg",
                "2026/11/a b.jpg",
                "a+b.jpg",
                "a%20b%2Bc%zz.jpg",
                "Käse/ünï/猫/\uD83D\uDC08.jpg",
                "//two.jpg",
                "a//b///c.jpg",
                "folder/",
                "a?b=c&d#e;f.jpg",
                "!'()*@,:$=[]{}|\\^`\"<>~-._.jpg",
                "a...b/.hidden/..c",
                "tab\tand\u007fdel",
                "e\u0301-is-not-\u00e9",
            })
    void getsEachKeyAsItIs(String key) throws Exception {
        for (String bucket : List.of("photos", "my.photos")) {
            server.put(bucket, key, Reply.of(IMAGE, ETAG));
            StoreSettings both =
                    settings(AllowedBucket.of("photos"), AllowedBucket.of("my.photos"));
            open(TestStores.inPaths(both, TestStores.READER));
            gets("s3://" + bucket + "/" + key);
            open(TestStores.inHosts(server.port(), both));
            gets("s3://" + bucket + "/" + key);
        }
        // A name with dots has no certificate for a host of its own.
        List<String> hosts = server.log().stream().map(ObjectServer.Request::host).toList();
        assertEquals(
                List.of(
                        "127.0.0.1:" + server.port(),
                        "photos.s3.eu-central-1.aws.test:" + server.port(),
                        "127.0.0.1:" + server.port(),
                        "s3.eu-central-1.aws.test:" + server.port()),
                hosts);
    }

    /** The JDK's server takes such a path for a host, so that another one hears it. */
    @Test
    void asksForAKeyWithALeadingSlashInAHostOfItsOwn() throws Exception {
        List<String> heads = new CopyOnWriteArrayList<>();
        try (RawServer raw =
                new RawServer(
                        (head, out) -> {
                            heads.addAll(head);
                            out.write(RawServer.ok(IMAGE));
                        })) {
            open(TestStores.inHosts(raw.port(), settings(AllowedBucket.of("photos"))));
            gets("s3://photos//leading.jpg");
        }
        assertEquals("GET //leading.jpg HTTP/1.1", heads.getFirst());
        server.put("photos", "/leading.jpg", Reply.of(IMAGE, ETAG));
        open(TestStores.inPaths(settings(AllowedBucket.of("photos")), TestStores.READER));
        gets("s3://photos//leading.jpg");
    }

    @Test
    void asksForTheVersionAndTheEtagAndSaysWhoseBucketItIs() throws Exception {
        StoreSettings paying =
                new StoreSettings(
                        Optional.of(URI.create("http://127.0.0.1:" + server.port() + "/")),
                        Optional.of(HOME),
                        true,
                        List.of(new AllowedBucket("photos", Optional.of(OWNER), "2026/")));
        open(TestStores.inPaths(paying, TestStores.READER));
        server.put("photos", "2026/cat.jpg?versionId=v.1_a", Reply.of(IMAGE, ETAG));
        gets(
                new ObjectRef(
                        "photos",
                        "2026/cat.jpg",
                        Optional.of("v.1_a"),
                        Optional.of(ETAG),
                        Optional.of(HOME)),
                IMAGE);
        Map<String, String> headers = server.log().getFirst().headers();
        assertEquals('"' + ETAG + '"', headers.get("if-match"));
        assertEquals(OWNER, headers.get("x-amz-expected-bucket-owner"));
        assertEquals("requester", headers.get("x-amz-request-payer"));
        assertEquals("image/*", headers.get("accept"));
        assertEquals("identity", headers.get("accept-encoding"));
    }

    @Test
    void asksForNoBucketThatIsNotAllowed() throws Exception {
        refuses(
                "s3://secret/cat.jpg",
                Failure.Kind.URL_FORBIDDEN,
                "secret",
                "fetch.s3.allowBuckets");
        open(new ObjectStore(StoreSettings.NONE, Optional.empty()));
        refuses("s3://photos/cat.jpg", Failure.Kind.URL_FORBIDDEN, "fetch.s3.allowBuckets");
        nothingWasAsked();
        // The control: with the bucket on the list the same object is read.
        open(TestStores.inPaths(settings(AllowedBucket.of("secret")), TestStores.READER));
        gets("s3://secret/cat.jpg");
        assertEquals(1, server.log().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://photos/private/cat.jpg",
                "s3://photos/public",
                "s3://photos//public/cat.jpg",
                "s3://photos/public/../cat.jpg",
                "s3://photos/public/./cat.jpg",
                "s3://photos/public/..",
                "s3://photos/../secret/cat.jpg",
                "s3://photos",
                "s3://Photos/cat.jpg",
                "s3://127.0.0.1:80@photos/cat.jpg",
            })
    void asksForNoKeyThatIsNotAllowed(String url) throws Exception {
        server.put("photos", "public/cat.jpg", Reply.of(IMAGE, ETAG));
        open(
                TestStores.inPaths(
                        settings(new AllowedBucket("photos", Optional.empty(), "public/")),
                        TestStores.READER));
        refuses(url, Failure.Kind.URL_FORBIDDEN, "image URL refused: ");
        nothingWasAsked();
        gets("s3://photos/public/cat.jpg");
    }

    @Test
    void callsNoAddressOfAStoreThatIsNotAllowed() throws Exception {
        open(
                TestStores.inPaths(
                        new StoreSettings(
                                Optional.of(URI.create("http://10.0.0.1:9000")),
                                Optional.empty(),
                                false,
                                List.of(AllowedBucket.of("photos"))),
                        TestStores.READER));
        refuses("s3://photos/cat.jpg", Failure.Kind.URL_FORBIDDEN, "fetch.allowAddresses");
        open(
                TestStores.inPaths(
                        new StoreSettings(
                                Optional.of(URI.create("http://inside.test")),
                                Optional.empty(),
                                false,
                                List.of(AllowedBucket.of("photos"))),
                        TestStores.READER));
        refuses("s3://photos/cat.jpg", Failure.Kind.URL_FORBIDDEN, "fetch.allowAddresses");
    }

    @Test
    void saysThatTheBucketIsAnotherAccounts() throws Exception {
        open(
                TestStores.inPaths(
                        settings(new AllowedBucket("photos", Optional.of("999988887777"), "")),
                        TestStores.READER));
        refuses(
                "s3://photos/cat.jpg",
                Failure.Kind.HTTP_STATUS,
                "403 (AccessDenied)",
                "does not belong to the account 999988887777");
        // The control: it is the account alone.
        open(
                TestStores.inPaths(
                        settings(new AllowedBucket("photos", Optional.of(OWNER), "")),
                        TestStores.READER));
        gets("s3://photos/cat.jpg");
    }

    @Test
    void saysThatTheObjectHasChanged() throws Exception {
        ObjectRef object = withEtag("0123456789abcdef0123456789abcdef");
        scene.accept(object, "a");
        says(
                scene.reported(),
                Failure.Kind.HTTP_STATUS,
                "412",
                "has changed since the message was sent");
        gets(withEtag(ETAG), IMAGE);
    }

    private static ObjectRef withEtag(String etag) {
        return new ObjectRef(
                "photos", "cat.jpg", Optional.empty(), Optional.of(etag), Optional.empty());
    }

    /** What the store says, and what is made of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "404 | NoSuchKey            |  | HTTP_STATUS  | there is no such object",
                "404 | NoSuchBucket         |  | HTTP_STATUS  | there is no such bucket",
                "404 | NoSuchVersion        |  | HTTP_STATUS  | no such version",
                "403 | AccessDenied         | <Message>Access Denied</Message> | HTTP_STATUS | without s3:ListBucket a missing object answers 403",
                "403 | AccessDenied         | <Message>User: arn:aws:sts::1:assumed-role/w is not authorized to perform: kms:Decrypt on the resource</Message> | HTTP_STATUS | allow kms:Decrypt",
                "400 | KMS.DisabledException |  | HTTP_STATUS | key of KMS",
                "403 | InvalidObjectState   |  | HTTP_STATUS  | it is archived",
                "405 | MethodNotAllowed     |  | HTTP_STATUS  | the store does not serve it",
                "400 | InvalidRequest       |  | HTTP_STATUS  | the store does not serve it",
                "301 | PermanentRedirect    |  | HTTP_STATUS  | in another region",
                "503 | SlowDown             |  | FETCH_FAILED | asked too much",
                "500 | InternalError        |  | FETCH_FAILED | has a fault",
                "503 | ServiceUnavailable   |  | FETCH_FAILED | has a fault",
                "429 | ``                   |  | FETCH_FAILED | has a fault",
                "403 | SignatureDoesNotMatch |  | FETCH_FAILED | check its access key",
                "403 | InvalidAccessKeyId   |  | FETCH_FAILED | check its access key",
                "403 | RequestTimeTooSkewed |  | FETCH_FAILED | set the worker's clock",
                "400 | InvalidToken         |  | FETCH_FAILED | renew them",
                "403 | ``                   |  | HTTP_STATUS  | may not read it",
            })
    void saysWhatTheStoreMeans(
            int status, String code, String rest, Failure.Kind kind, String words)
            throws Exception {
        server.put("photos", "x.jpg", Reply.error(status, code, rest == null ? "" : rest));
        refuses("s3://photos/x.jpg", kind, "s3://photos/x.jpg answered " + status, words);
    }

    @Test
    void saysThatTheObjectWasDeleted() throws Exception {
        server.put(
                "photos",
                "x.jpg",
                new Reply(404, Map.of("x-amz-delete-marker", "true"), new byte[0]));
        refuses("s3://photos/x.jpg", Failure.Kind.HTTP_STATUS, "404", "it was deleted");
        server.put(
                "photos",
                "x.jpg?versionId=marker",
                new Reply(405, Map.of("x-amz-delete-marker", "true"), new byte[0]));
        refuses(
                "s3://photos/x.jpg?versionId=marker",
                Failure.Kind.HTTP_STATUS,
                "405",
                "a delete marker");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findsTheRegionOfTheBucketAndKeepsIt(boolean inHeader) throws Exception {
        server.bucket("far", "ap-south-2", OWNER, inHeader);
        server.put("far", "cat.jpg", Reply.of(IMAGE, ETAG));
        StoreSettings far = settings(AllowedBucket.of("far"));
        open(TestStores.inHosts(server.port(), far));
        gets("s3://far/cat.jpg");
        assertEquals(
                List.of(
                        "far.s3.eu-central-1.aws.test:" + server.port(),
                        "far.s3.ap-south-2.aws.test:" + server.port()),
                server.log().stream().map(ObjectServer.Request::host).toList());
        assertEquals(inHeader ? 301 : 400, server.log().getFirst().status());

        Message again = scene.accept("s3://far/cat.jpg", "a");
        assertArrayEquals(IMAGE, scene.job("a", 1).body());
        again.settle(new Outcome.Delivered());
        scene.endings.remove();
        assertEquals(3, server.log().size());
    }

    @Test
    void asksNobodyInAnotherPartitionOfAws() throws Exception {
        StoreSettings aws =
                new StoreSettings(
                        Optional.empty(),
                        Optional.of("eu-central-1"),
                        false,
                        List.of(AllowedBucket.of("far")));
        open(TestStores.inHosts(server.port(), aws));
        ObjectRef object =
                new ObjectRef(
                        "far",
                        "cat.jpg",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("cn-north-1"));
        scene.accept(object, "a");
        says(scene.reported(), Failure.Kind.URL_FORBIDDEN, "'cn-north-1'", "correct the region");
        nothingWasAsked();
    }

    @Test
    void takesTheRegionOfTheEvent() throws Exception {
        server.bucket("far", "ap-south-2", OWNER, true);
        server.put("far", "cat.jpg", Reply.of(IMAGE, ETAG));
        open(TestStores.inHosts(server.port(), settings(AllowedBucket.of("far"))));
        gets(
                new ObjectRef(
                        "far",
                        "cat.jpg",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("ap-south-2")),
                IMAGE);
        assertEquals(1, server.log().size());
    }

    /** A store that is taken over, or whose answers somebody writes, learns one signature. */
    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void followsNoAnswerToAnotherHost(int status) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (RawServer elsewhere =
                new RawServer(
                        (_, out) -> {
                            asked.incrementAndGet();
                            out.write(RawServer.ok(IMAGE));
                        })) {
            String location = "http://127.0.0.1:" + elsewhere.port() + "/photos/cat.jpg";
            Reply redirect = new Reply(status, Map.of("Location", location), new byte[0]);
            server.put("photos", "x.jpg", redirect);
            refuses("s3://photos/x.jpg", Failure.Kind.HTTP_STATUS, "answered " + status);
            assertEquals(0, asked.get());
            // The control: a URL without a signature goes there.
            try (RawServer plain =
                    new RawServer((_, out) -> out.write(RawServer.redirect(location)))) {
                Message message = scene.accept("http://127.0.0.1:" + plain.port() + "/", "a");
                assertArrayEquals(IMAGE, scene.job("a", 0).body());
                message.settle(new Outcome.Delivered());
                scene.endings.remove();
            }
            assertEquals(1, asked.get());
        }
    }

    @Test
    void followsOneChangeOfRegionAndNoSecond() throws Exception {
        server.bucket("photos", "us-west-2", OWNER, true);
        server.put(
                "photos",
                "x.jpg",
                new Reply(307, Map.of("x-amz-bucket-region", "eu-west-3"), new byte[0]));
        refuses("s3://photos/x.jpg", Failure.Kind.HTTP_STATUS, "307", "set fetch.s3.region");
        assertEquals(2, server.log().size());
    }

    @Test
    void renewsCredentialsThatHaveExpired() throws Exception {
        AtomicInteger given = new AtomicInteger();
        server.needsToken("token-1");
        server.needsToken("token-2");
        server.expire("token-1");
        open(
                TestStores.inPaths(
                        settings(AllowedBucket.of("photos")),
                        () ->
                                AwsSessionCredentials.create(
                                        ObjectServer.KEY_ID,
                                        ObjectServer.SECRET,
                                        "token-" + Math.min(2, given.incrementAndGet()))));
        gets("s3://photos/cat.jpg");
        assertEquals(List.of(400, 200), statuses());
        server.expire("token-2");
        refuses("s3://photos/cat.jpg", Failure.Kind.FETCH_FAILED, "have expired");
        assertEquals(List.of(400, 200, 400, 400), statuses());
    }

    private List<Integer> statuses() {
        return server.log().stream().map(ObjectServer.Request::status).toList();
    }

    @Test
    void saysThatTheClockIsWrong() throws Exception {
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-20));
        open(TestStores.inPaths(settings(AllowedBucket.of("photos")), late));
        refuses("s3://photos/cat.jpg", Failure.Kind.FETCH_FAILED, "set the worker's clock");
    }

    @Test
    void saysThatThereIsNothingToSignWith() throws Exception {
        open(
                TestStores.inPaths(
                        settings(AllowedBucket.of("photos")),
                        () -> {
                            throw new IllegalStateException("no credentials\nat all");
                        }));
        refuses("s3://photos/cat.jpg", Failure.Kind.FETCH_FAILED, "no AWS credentials", "a role");
        nothingWasAsked();
    }

    @Test
    void takesNoObjectThatIsTooLarge() throws Exception {
        server.put("photos", "big.jpg", Reply.of(new byte[(1 << 20) + 1], ETAG));
        refuses("s3://photos/big.jpg", Failure.Kind.TOO_LARGE, "1048577 bytes");
    }

    @Test
    void asksNoStoreAgainThatDoesNotAnswer() throws Exception {
        server.close();
        for (int i = 0; i < 8; i++) {
            refuses("s3://photos/cat.jpg", Failure.Kind.FETCH_FAILED, "s3://photos/cat.jpg");
        }
        refuses("s3://photos/cat.jpg", Failure.Kind.FETCH_FAILED, "was not requested");
    }
}
