package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A bucket in moto whose uploads are announced on a queue, a worker's configuration for it, and
 * what came to the queue of verdicts.
 */
public final class MotoScene implements AutoCloseable {
    /** How the queue hears of an upload. */
    public enum Path {
        QUEUE("by the bucket's notification", "safety", 1),
        TOPIC("by SNS", "colors", 1),
        RAW_TOPIC("by SNS with raw delivery", "colors", 1),
        EVENT_BRIDGE("by EventBridge", "colors", 0);

        /** For a person. */
        public final String said;

        final String task;

        /** How many S3 sends when the notification is set up. */
        public final int testEvents;

        Path(String said, String task, int testEvents) {
            this.said = said;
            this.task = task;
            this.testEvents = testEvents;
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RECEIVES = 3;
    private static final List<String> NAMES =
            List.of(
                    "plain/%d.jpg",
                    "with a space/%d photo.jpg",
                    "a+b/%d+%%2B.jpg",
                    "München/фото %d ☃.jpg",
                    "odd/%d&x=y;'(1)~!*@$,:.jpg");

    /** What its own calls of queues are signed with. */
    public static final String KEY = "none";

    private static final List<String> KEYS =
            List.of("AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret");

    private final Moto moto;
    private final Path path;
    private final String bucket;
    private final int visibilitySeconds;
    private final SqsClient client;
    private final String queue;
    private final String dead;
    private final String verdicts;

    /** Bytes of what was uploaded, by the URL that its verdict has. */
    private final Map<String, Integer> uploaded = new LinkedHashMap<>();

    private final Map<String, List<JsonNode>> results = new HashMap<>();

    /**
     * @param name of the bucket and the queues, which differs in each scene
     * @param visibilitySeconds of the queue and the worker
     */
    public MotoScene(Moto moto, Path path, String name, int visibilitySeconds)
            throws IOException, InterruptedException {
        this.moto = moto;
        this.visibilitySeconds = visibilitySeconds;
        this.path = path;
        this.bucket = "photos-" + name;
        this.client =
                SqsClients.create(
                        QueueSettings.of(
                                moto.endpoint() + "/queue",
                                draft -> draft.region = Optional.of(Moto.REGION)));
        this.dead = create("dead-" + name, Map.of());
        this.queue =
                create(
                        "images-" + name,
                        Map.of(
                                QueueAttributeName.VISIBILITY_TIMEOUT,
                                Integer.toString(visibilitySeconds),
                                QueueAttributeName.REDRIVE_POLICY,
                                "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
                                        .formatted(arn("sqs", "dead-" + name), RECEIVES)));
        this.verdicts = create("verdicts-" + name, Map.of());
        moto.createBucket(bucket);
        connect(name);
    }

    private String create(String name, Map<QueueAttributeName, String> attributes) {
        return client.createQueue(request -> request.queueName(name).attributes(attributes))
                .queueUrl();
    }

    private static String arn(String service, String name) {
        return "arn:aws:%s:%s:%s:%s".formatted(service, Moto.REGION, Moto.ACCOUNT, name);
    }

    private void connect(String name) throws IOException, InterruptedException {
        String target = arn("sqs", "images-" + name);
        switch (path) {
            case QUEUE -> announce("Queue", target);
            case TOPIC, RAW_TOPIC -> {
                String topic = arn("sns", "uploads-" + name);
                moto.query("sns", Map.of("Action", "CreateTopic", "Name", "uploads-" + name));
                moto.query(
                        "sns",
                        Map.of(
                                "Action",
                                "Subscribe",
                                "TopicArn",
                                topic,
                                "Protocol",
                                "sqs",
                                "Endpoint",
                                target,
                                "Attributes.entry.1.key",
                                "RawMessageDelivery",
                                "Attributes.entry.1.value",
                                Boolean.toString(path == Path.RAW_TOPIC)));
                announce("Topic", topic);
            }
            case EVENT_BRIDGE -> {
                moto.json(
                        "events",
                        "AWSEvents.PutRule",
                        """
                        {"Name": "uploads-%s", "EventPattern": "{\\"source\\": [\\"aws.s3\\"], \\"detail-type\\": [\\"Object Created\\"], \\"detail\\": {\\"bucket\\": {\\"name\\": [\\"%s\\"]}}}"}"""
                                .formatted(name, bucket));
                moto.json(
                        "events",
                        "AWSEvents.PutTargets",
                        """
                        {"Rule": "uploads-%s", "Targets": [{"Id": "images", "Arn": "%s"}]}"""
                                .formatted(name, target));
                moto.announce(bucket, "<EventBridgeConfiguration/>");
            }
        }
    }

    private void announce(String kind, String target) throws IOException, InterruptedException {
        moto.announce(
                bucket,
                "<%1$sConfiguration><%1$s>%2$s</%1$s><Event>s3:ObjectCreated:*</Event></%1$sConfiguration>"
                        .formatted(kind, target));
    }

    public String bucket() {
        return bucket;
    }

    /** A worker with the configuration of docs/aws, and what a server beside AWS needs. */
    public WorkerProcess worker(java.nio.file.Path folder, String allowed) throws IOException {
        return start(folder, KEYS, queue, defaults(verdicts), allowed);
    }

    public WorkerProcess workerWithoutDefaults(java.nio.file.Path folder) throws IOException {
        return start(folder, KEYS, queue, "", bucket);
    }

    /**
     * A worker whose queues are AWS's, so that it needs credentials for them, and whose environment
     * has AWS here.
     *
     * @param environment from which it has its credentials
     */
    public WorkerProcess workerWithRole(java.nio.file.Path folder, List<String> environment)
            throws IOException {
        List<String> all = new ArrayList<>(environment);
        all.add("AWS_REGION=" + Moto.REGION);
        all.add("AWS_EC2_METADATA_DISABLED=true");
        all.add("AWS_ENDPOINT_URL_STS=" + moto.endpoint());
        all.add("AWS_ENDPOINT_URL_SQS=" + moto.endpoint());
        return start(folder, all, onAws(queue), defaults(onAws(verdicts)), bucket);
    }

    private static String onAws(String url) {
        return "https://sqs." + Moto.REGION + ".amazonaws.com" + URI.create(url).getPath();
    }

    private String defaults(String results) {
        return """
        source:
          defaults:
            tasks: [%s]
            results:
              sqs: %s
        """
                .formatted(path.task, results);
    }

    private WorkerProcess start(
            java.nio.file.Path folder,
            List<String> environment,
            String url,
            String source,
            String allowed)
            throws IOException {
        List<String> before = new ArrayList<>(List.of("env", "-u", "AWS_REGION"));
        before.addAll(environment);
        return WorkerProcess.startBehind(
                before,
                folder,
                """
                queue:
                  url: %s
                  region: %s
                  visibility: %ds
                %sfetch:
                  allowAddresses: [127.0.0.0/8]
                  s3:
                    allowBuckets: [%s]
                    endpoint: %s
                    region: %2$s
                device:
                  type: host
                drain:
                  spot: false
                models:
                  - {task: %s, bundle: %s}
                """
                        .formatted(
                                url,
                                Moto.REGION,
                                visibilitySeconds,
                                source,
                                allowed,
                                moto.endpoint(),
                                path.task,
                                Workers.bundle(path.task).toAbsolutePath()));
    }

    /**
     * Photos up to so many, one after the other, under names that differ in what is hard to write
     * in a URL.
     */
    public void upload(int photos) throws IOException, InterruptedException {
        List<byte[]> bytes = new ArrayList<>();
        for (String name : Photos.names()) {
            try (InputStream in =
                    MotoScene.class.getResourceAsStream("/dev/millrace/verify/photos/" + name)) {
                bytes.add(in.readAllBytes());
            }
        }
        for (int i = uploaded.size(); i < photos; i++) {
            String key = NAMES.get(i % NAMES.size()).formatted(i);
            byte[] photo = bytes.get(i % bytes.size());
            uploaded.put("s3://" + bucket + "/" + key, photo.length);
            moto.upload(bucket, key, photo);
        }
    }

    /** Waits until so many different objects have a verdict or an error. */
    public void await(int objects, int seconds, Supplier<String> log) throws InterruptedException {
        Loopback.awaitUntil(
                () -> {
                    read();
                    return results.size() >= objects;
                },
                seconds,
                () -> results.size() + " of " + objects + " results came:\n" + log.get());
    }

    private void read() {
        List<Message> some;
        do {
            some =
                    client.receiveMessage(
                                    request ->
                                            request.queueUrl(verdicts)
                                                    .maxNumberOfMessages(10)
                                                    .waitTimeSeconds(0))
                            .messages();
            for (Message message : some) {
                JsonNode result = parsed(message.body());
                Contract.requireResult(result);
                results.computeIfAbsent(result.path("url").asText(), _ -> new ArrayList<>())
                        .add(result);
                client.deleteMessage(
                        request ->
                                request.queueUrl(verdicts).receiptHandle(message.receiptHandle()));
            }
        } while (!some.isEmpty());
    }

    private static JsonNode parsed(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new AssertionError(body, e);
        }
    }

    private Set<String> without() {
        read();
        Set<String> left = new TreeSet<>(uploaded.keySet());
        results.forEach(
                (url, all) -> {
                    if (all.stream().allMatch(result -> isVerdict(url, result))) {
                        left.remove(url);
                    }
                });
        return left;
    }

    /** A verdict, and of the object's own bytes. */
    private boolean isVerdict(String url, JsonNode result) {
        return result.path("status").asText().equals("ok")
                && result.at("/image/bytes").asInt() == uploaded.getOrDefault(url, -1);
    }

    /** Objects without a verdict. */
    public int lost() {
        return without().size();
    }

    /** Which those are, and what was said of them instead. */
    public String missing() {
        StringBuilder lines = new StringBuilder();
        without()
                .forEach(
                        url -> lines.append(url).append(' ').append(results.get(url)).append('\n'));
        return lines.toString();
    }

    /** Results beyond one for each object. */
    public int duplicates() {
        read();
        return results.values().stream().mapToInt(all -> all.size() - 1).sum();
    }

    /** Results with an error of this kind. */
    public long errors(String kind) {
        return results.values().stream()
                .flatMap(List::stream)
                .filter(result -> result.at("/error/kind").asText().equals(kind))
                .count();
    }

    /** Messages in the queue, hidden or not. */
    public int left() {
        return count(queue);
    }

    public int deadLetters() {
        return count(dead);
    }

    private int count(String url) {
        return client
                .getQueueAttributes(
                        request -> request.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                .attributesAsStrings()
                .entrySet()
                .stream()
                .filter(it -> it.getKey().startsWith("ApproximateNumberOfMessages"))
                .mapToInt(it -> Integer.parseInt(it.getValue()))
                .sum();
    }

    @Override
    public void close() {
        client.close();
    }
}
