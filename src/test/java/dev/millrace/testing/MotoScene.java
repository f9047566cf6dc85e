package dev.millrace.testing;

import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * A bucket in moto whose uploads are announced on a queue, a worker's configuration for it, and
 * what came to the queue of verdicts.
 */
public final class MotoScene implements AutoCloseable {
    /** How the queue hears of an upload. */
    public enum Way {
        QUEUE("by the bucket's notification", "safety", 1),
        TOPIC("by SNS", "colors", 1),
        RAW_TOPIC("by SNS with raw delivery", "colors", 1),
        EVENT_BRIDGE("by EventBridge", "colors", 0);

        /** For a person. */
        public final String said;

        final String task;

        /** How many S3 sends when the notification is set up. */
        public final int testEvents;

        Way(String said, String task, int testEvents) {
            this.said = said;
            this.task = task;
            this.testEvents = testEvents;
        }
    }

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
    private final Way way;
    private final String bucket;
    private final int visibilitySeconds;
    private final SqsClient client;
    private final String queue;
    private final String dead;

    /** What came of what was uploaded. */
    public final MotoVerdicts verdicts;

    /**
     * @param name of the bucket and the queues, which differs in each scene
     * @param visibilitySeconds of the queue and the worker
     */
    public MotoScene(Moto moto, Way way, String name, int visibilitySeconds)
            throws IOException, InterruptedException {
        this.moto = moto;
        this.visibilitySeconds = visibilitySeconds;
        this.way = way;
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
        this.verdicts = new MotoVerdicts(client, create("verdicts-" + name, Map.of()));
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
        switch (way) {
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
                                Boolean.toString(way == Way.RAW_TOPIC)));
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

    /** A worker with the configuration of deploy/aws, and what a server beside AWS needs. */
    public WorkerProcess worker(Path folder, String allowed) throws IOException {
        return start(folder, KEYS, queue, defaults(verdicts.url()), allowed);
    }

    public WorkerProcess workerWithoutDefaults(Path folder) throws IOException {
        return start(folder, KEYS, queue, "", bucket);
    }

    /**
     * A worker whose queues are AWS's, so that it needs credentials for them, and whose environment
     * has AWS here.
     *
     * @param environment from which it has its credentials
     */
    public WorkerProcess workerWithRole(Path folder, List<String> environment) throws IOException {
        List<String> all = new ArrayList<>(environment);
        all.add("AWS_REGION=" + Moto.REGION);
        all.add("AWS_EC2_METADATA_DISABLED=true");
        all.add("AWS_ENDPOINT_URL_STS=" + moto.endpoint());
        all.add("AWS_ENDPOINT_URL_SQS=" + moto.endpoint());
        return start(folder, all, onAws(queue), defaults(onAws(verdicts.url())), bucket);
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
                .formatted(way.task, results);
    }

    private WorkerProcess start(
            Path folder, List<String> environment, String url, String source, String allowed)
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
                                way.task,
                                Workers.bundle(way.task).toAbsolutePath()));
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
        for (int i = verdicts.expected(); i < photos; i++) {
            String key = NAMES.get(i % NAMES.size()).formatted(i);
            byte[] photo = bytes.get(i % bytes.size());
            verdicts.expect("s3://" + bucket + "/" + key, photo.length);
            moto.upload(bucket, key, photo);
        }
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
