package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskResult;
import dev.millrace.net.AddressRules;
import dev.millrace.net.Cidr;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HttpLimits;
import dev.millrace.net.UrlPolicy;
import dev.millrace.objects.AllowedBucket;
import dev.millrace.objects.ObjectStore;
import dev.millrace.objects.TestStores;
import dev.millrace.testing.Contract;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ResultBucket;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.TopicServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Results on their way to a queue, a topic and standard output, each a real one. */
class SinksTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LINGER = Duration.ofMillis(5);
    private static final WebhookSigner SIGNER =
            WebhookSigner.of(List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));

    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final Counters counters = new Counters();
    private final List<Throwable> faults = new ArrayList<>();

    private CallbackClient client(ResultSink sink) {
        return new CallbackClient(
                _ -> sink,
                3,
                5,
                Duration.ofSeconds(20),
                5,
                new MessageDeduplicator(),
                counters,
                new StageClock());
    }

    private Message message(String id, Destination to, String metadata) {
        Message message =
                new Message(
                        new Delivery(id, "r", 1, System.currentTimeMillis(), System.nanoTime()),
                        new Request(
                                "id-" + id,
                                "http://images.test/a.jpg",
                                List.of("safety"),
                                to,
                                Optional.of(metadata)),
                        (_, outcome) -> outcomes.add(outcome));
        message.complete(
                0,
                TaskResult.failed(
                        "safety", new Failure(Failure.Kind.CORRUPT_IMAGE, Stage.PREPROCESS, "no")));
        return message;
    }

    private Outcome outcome() throws InterruptedException {
        return outcomes.poll(20, TimeUnit.SECONDS);
    }

    @Test
    void aQueueGetsTheBodyAndItsMarks() throws Exception {
        try (TestQueue queue = new TestQueue(5)) {
            Destination to = new Destination.Queue(queue.url());
            CallbackClient client =
                    client(new QueueSink(queue.client(), queue.url(), SIGNER, LINGER, 4));
            for (int i = 0; i < 25; i++) {
                client.accept(message("m" + i, to, "[" + i + ",\n 1.0]"));
            }
            for (int i = 0; i < 25; i++) {
                assertInstanceOf(Outcome.Delivered.class, outcome());
            }
            Map<String, JsonNode> bodies = new ConcurrentHashMap<>();
            while (bodies.size() < 25) {
                for (var one : received(queue)) {
                    String id = one.messageAttributes().get("webhook-id").stringValue();
                    JsonNode body = JSON.readTree(one.body());
                    assertEquals("id-" + id.substring(4), body.path("id").asText());
                    Contract.requireResult(body);
                    verify(
                            one.messageAttributes().get("webhook-timestamp").stringValue(),
                            id,
                            one.body(),
                            one.messageAttributes().get("webhook-signature").stringValue());
                    bodies.put(id, body);
                }
            }
            assertTrue(bodies.containsKey("msg_m24"), bodies::toString);
        }
    }

    private static List<software.amazon.awssdk.services.sqs.model.Message> received(
            TestQueue queue) {
        return queue.client()
                .receiveMessage(
                        request ->
                                request.queueUrl(queue.url())
                                        .maxNumberOfMessages(10)
                                        .messageAttributeNames("All"))
                .messages();
    }

    private static void verify(String timestamp, String id, String body, String signature) {
        String again =
                SIGNER.headers(
                                "",
                                id.substring(4),
                                Long.parseLong(timestamp),
                                body.getBytes(StandardCharsets.UTF_8))
                        .get("webhook-signature");
        assertEquals(again, signature);
    }

    @Test
    void aFifoQueueHoldsNoMessageBehindAnother() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                SqsClient sqs = queue.client()) {
            String url =
                    sqs.createQueue(
                                    request ->
                                            request.queueName("results.fifo")
                                                    .attributesWithStrings(
                                                            Map.of("FifoQueue", "true")))
                            .queueUrl();
            CallbackClient client = client(new QueueSink(sqs, url, SIGNER, LINGER, 4));
            // The same twice, as after a restart: the queue keeps one.
            client.accept(message("m1", new Destination.Queue(url), "1"));
            client.accept(message("m2", new Destination.Queue(url), "1"));
            assertInstanceOf(Outcome.Delivered.class, outcome());
            assertInstanceOf(Outcome.Delivered.class, outcome());
            client(new QueueSink(sqs, url, SIGNER, LINGER, 4))
                    .accept(message("m1", new Destination.Queue(url), "1"));
            assertInstanceOf(Outcome.Delivered.class, outcome());
            List<String> groups = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sqs.receiveMessage(
                                request ->
                                        request.queueUrl(url)
                                                .maxNumberOfMessages(10)
                                                .messageSystemAttributeNamesWithStrings("All"))
                        .messages()
                        .forEach(
                                one -> groups.add(one.attributesAsStrings().get("MessageGroupId")));
            }
            assertEquals(List.of("m1", "m2"), groups.stream().sorted().toList());
        }
    }

    @Test
    void aTopicGetsTheBodyAndItsMarks() throws Exception {
        Map<String, String> bodies = new ConcurrentHashMap<>();
        try (TopicServer topic =
                        new TopicServer(
                                1, (marks, body) -> bodies.put(marks.get("webhook-id"), body));
                SnsClient sns = sns(topic.url())) {
            Destination to = new Destination.Topic(TopicServer.ARN);
            topic.failing = 0.2;
            CallbackClient client = client(new TopicSink(sns, TopicServer.ARN, SIGNER, LINGER, 4));
            for (int i = 0; i < 40; i++) {
                client.accept(message("m" + i, to, "\"&=+%\""));
            }
            int delivered = 0;
            for (int i = 0; i < 40; i++) {
                delivered += outcome() instanceof Outcome.Delivered ? 1 : 0;
            }
            assertEquals(delivered, bodies.size(), "told of no more than was taken");
            assertTrue(delivered > 30, delivered + " delivered");
            assertTrue(topic.batches.stream().anyMatch(size -> size > 1), topic.batches::toString);
            JsonNode one = JSON.readTree(bodies.values().iterator().next());
            assertEquals("&=+%", one.path("metadata").asText());
        }
    }

    @Test
    void aFifoTopicIsToldGroupAndDeduplication() throws Exception {
        Map<String, String> marks = new ConcurrentHashMap<>();
        try (TopicServer topic = new TopicServer(1, (seen, _) -> marks.putAll(seen));
                SnsClient sns = sns(topic.url())) {
            String arn = TopicServer.ARN + ".fifo";
            client(new TopicSink(sns, arn, SIGNER, LINGER, 4))
                    .accept(message("m1", new Destination.Topic(arn), "1"));
            assertInstanceOf(Outcome.Delivered.class, outcome());
            assertEquals("m1", marks.get("group"));
            assertEquals("msg_m1", marks.get("deduplication"));
        }
    }

    @Test
    void whatIsTooLargeIsToldInItsPlace() throws Exception {
        List<JsonNode> bodies = new ArrayList<>();
        try (TopicServer topic = new TopicServer(1, (_, body) -> bodies.add(JSON.readTree(body)));
                SnsClient sns = sns(topic.url())) {
            CallbackClient client = client(new TopicSink(sns, TopicServer.ARN, SIGNER, LINGER, 4));
            String metadata = "\"" + "x".repeat(256 << 10) + "\"";
            client.accept(message("m1", new Destination.Topic(TopicServer.ARN), metadata));
            assertInstanceOf(Outcome.Delivered.class, outcome());
            assertEquals(1, bodies.size());
            Contract.requireResult(bodies.getFirst());
            assertEquals("result_too_large", bodies.getFirst().at("/error/kind").asText());
            assertFalse(bodies.getFirst().has("metadata"));
            assertTrue(
                    bodies.getFirst().at("/error/message").asText().contains(TopicServer.ARN),
                    bodies::toString);
        }
    }

    @Test
    void aTopicThatDeniesAccessHoldsMessages() throws Exception {
        try (TopicServer topic = new TopicServer(1, (_, _) -> {});
                SnsClient sns = sns(topic.url())) {
            topic.refusal = "AuthorizationError";
            CallbackClient client = client(new TopicSink(sns, TopicServer.ARN, SIGNER, LINGER, 4));
            for (int i = 0; i < 10; i++) {
                client.accept(message("m" + i, new Destination.Topic(TopicServer.ARN), "1"));
            }
            Outcome first = outcome();
            assertTrue(
                    assertInstanceOf(Outcome.Retry.class, first)
                            .failure()
                            .message()
                            .endsWith(
                                    "denies access (AuthorizationError); check the credentials, and allow them sns:Publish"),
                    first::toString);
            topic.refusal = "";
            List<Outcome> others = new ArrayList<>();
            for (int i = 1; i < 10; i++) {
                others.add(outcome());
            }
            assertTrue(
                    others.stream().anyMatch(Outcome.Delivered.class::isInstance),
                    others::toString);
        }
    }

    private static SnsClient sns(URI endpoint) {
        return SnsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .build();
    }

    @Test
    void aBucketGetsAnObjectForEachAndIsFoundInItsRegion() throws Exception {
        Map<String, String> bodies = new ConcurrentHashMap<>();
        Map<String, String> ids = new ConcurrentHashMap<>();
        try (ResultBucket bucket =
                        new ResultBucket(
                                1,
                                (key, marks, body) -> {
                                    bodies.put(key, body);
                                    ids.put(key, marks.get("webhook-id"));
                                    verify(
                                            marks.get("webhook-timestamp"),
                                            marks.get("webhook-id"),
                                            body,
                                            marks.get("webhook-signature"));
                                });
                GuardedHttp http = loopback();
                ObjectStore store =
                        TestStores.inPaths(
                                TestStores.at(
                                        bucket.url().getPort(),
                                        List.of(AllowedBucket.of(ResultBucket.NAME))),
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                ObjectServer.KEY_ID, ObjectServer.SECRET)))) {
            bucket.region = "us-west-2";
            Destination to = Destination.objects("s3://" + ResultBucket.NAME + "/a b/é+%2B/");
            CallbackClient client = client(new ObjectSink(http, store, SIGNER));
            for (int i = 0; i < 10; i++) {
                client.accept(message("m" + i, to, "1"));
            }
            for (int i = 0; i < 10; i++) {
                Outcome outcome = outcome();
                assertInstanceOf(Outcome.Delivered.class, outcome, outcome::toString);
            }
            assertEquals("msg_m3", ids.get("a b/é+%2B/m3.json"), ids::toString);
            assertEquals(
                    "id-m3", JSON.readTree(bodies.get("a b/é+%2B/m3.json")).path("id").asText());
        }
    }

    private static GuardedHttp loopback() {
        return new GuardedHttp(
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.0/8"))),
                        Set.of(),
                        Optional.empty()),
                new HttpLimits(
                        Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(5), 4));
    }

    @Test
    void standardOutputGetsALineForEach() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CallbackClient client = client(new OutputSink(out, faults::add));
        for (int i = 0; i < 20; i++) {
            client.accept(message("m" + i, new Destination.Output(), "[1,\r\n2]"));
        }
        for (int i = 0; i < 20; i++) {
            assertInstanceOf(Outcome.Delivered.class, outcome());
        }
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(20, lines.size());
        for (String line : lines) {
            Contract.requireResult(JSON.readTree(line));
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void aClosedOutputIsAFaultAndTheMessageIsGivenBack() throws Exception {
        OutputStream closed =
                new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        CallbackClient client = client(new OutputSink(closed, faults::add));
        client.accept(message("m1", new Destination.Output(), "1"));
        client.accept(message("m2", new Destination.Output(), "1"));
        for (int i = 0; i < 2; i++) {
            Outcome.Retry retry = assertInstanceOf(Outcome.Retry.class, outcome());
            assertEquals(Duration.ZERO, retry.after());
        }
        assertEquals(1, faults.size());
        assertEquals(
                "standard output takes no results any more (Broken pipe); keep its reader running, or write to a file",
                faults.getFirst().getMessage());
        assertThrows(
                OutputClosedException.class,
                () ->
                        new OutputSink(closed, _ -> {})
                                .send(message("m", new Destination.Output(), "1"), new byte[1]));
    }
}
