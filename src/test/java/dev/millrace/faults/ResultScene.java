package dev.millrace.faults;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ResultBucket;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.TopicServer;
import dev.millrace.testing.WorkerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Where results go in a row about destinations beside HTTP: the server or the pipe, what the worker
 * is told of it, and a reader that enters what came into the ledger. It can go down and fail.
 */
final class ResultScene implements AutoCloseable {
    /** The kinds of destinations, in the order of their rows. */
    enum Kind {
        QUEUE("queue", Without.CARE_FOR_RESULT_ENTRIES),
        TOPIC("topic", Without.CARE_FOR_RESULT_ENTRIES),
        OBJECTS("bucket", Without.CARE_FOR_STORE_ANSWERS),
        OUTPUT("standard output", Without.CARE_FOR_THE_PIPE);

        final String word;

        /** What sees that something was not taken. */
        final Change care;

        Kind(String word, Change care) {
            this.word = word;
            this.care = care;
        }
    }

    private static final String PREFIX = "s3://" + ResultBucket.NAME + "/verdicts/";

    final Kind kind;
    private final Ledger ledger;
    private TestQueue queue;
    private FaultyQueue front;
    private TopicServer topic;
    private ResultBucket bucket;
    private WorkerProcess worker;
    private Thread reader;
    private final Semaphore reading = new Semaphore(1);
    private volatile boolean closed;

    ResultScene(Kind kind, long seed, Ledger ledger) throws IOException {
        this.kind = kind;
        this.ledger = ledger;
        switch (kind) {
            case QUEUE -> {
                queue = new TestQueue(1000);
                front = new FaultyQueue(queue.endpoint(), seed);
                named("sqs", front.url());
                reader = Thread.startVirtualThread(this::readQueue);
            }
            case TOPIC -> {
                topic = new TopicServer(seed, (marks, body) -> enter(marks, body));
                named("sns", TopicServer.ARN);
            }
            case OBJECTS -> {
                bucket = new ResultBucket(seed, (_, marks, body) -> enter(marks, body));
                named("s3", PREFIX);
            }
            case OUTPUT -> ledger.destination = "";
        }
    }

    private void named(String key, String value) {
        ledger.destination = ", \"results\": {\"%s\": \"%s\"}".formatted(key, value);
    }

    private String yaml() {
        return switch (kind) {
            case QUEUE -> "results:\n  allowQueues: ['%s']\n".formatted(front.url());
            case TOPIC ->
                    "results:\n  allowTopics: ['%s']\n  snsEndpoint: %s\n"
                            .formatted(TopicServer.ARN, topic.url());
            case OBJECTS ->
                    "results:\n  allowPrefixes: ['s3://%s/']\n  s3Endpoint: %s\n"
                            .formatted(ResultBucket.NAME, bucket.url());
            case OUTPUT -> "source:\n  defaults:\n    results: {stdout: true}\n";
        };
    }

    /** A worker whose results go here. */
    WorkerProcess start(FaultSettings settings, Path folder, Change... off) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        List<Path> changed =
                off.length == 0 ? List.of() : List.of(Undefended.changed(fresh, List.of(off)));
        List<String> account =
                List.of(
                        "env",
                        "AWS_ACCESS_KEY_ID=" + ObjectServer.KEY_ID,
                        "AWS_SECRET_ACCESS_KEY=" + ObjectServer.SECRET,
                        "AWS_REGION=eu-central-1");
        worker = WorkerProcess.startPiped(account, changed, fresh, settings.more(yaml()).yaml());
        InputStream results = worker.results();
        Thread lines = Thread.startVirtualThread(() -> readLines(results));
        if (kind == Kind.OUTPUT) {
            reader = lines;
        }
        return worker;
    }

    /** Waits until everything that a worker that has ended wrote is entered. */
    void awaitRead() throws InterruptedException {
        if (kind == Kind.OUTPUT) {
            reader.join();
        }
    }

    void goDown() {
        switch (kind) {
            case QUEUE -> front.goDown();
            case TOPIC -> topic.goDown();
            case OBJECTS -> bucket.goDown();
            case OUTPUT -> reading.acquireUninterruptibly();
        }
    }

    void comeBack() throws IOException {
        switch (kind) {
            case QUEUE -> front.comeBack();
            case TOPIC -> topic.comeBack();
            case OBJECTS -> bucket.comeBack();
            case OUTPUT -> reading.release();
        }
    }

    /** One entry in ten fails and one call in five is throttled; of a pipe the reader goes away. */
    void fail() throws IOException {
        switch (kind) {
            case QUEUE -> {
                front.failingSends = 0.1;
                front.throttled = 0.2;
            }
            case TOPIC -> {
                topic.failing = 0.1;
                topic.throttled = 0.2;
            }
            case OBJECTS -> {
                bucket.failing = 0.1;
                bucket.throttled = 0.2;
            }
            case OUTPUT -> worker.results().close();
        }
    }

    private void enter(Map<String, String> marks, String body) throws IOException {
        ledger.enter(
                marks.get("webhook-id"),
                Long.parseLong(marks.get("webhook-timestamp")),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private void readQueue() {
        while (!closed) {
            try {
                List<Message> messages =
                        queue.client()
                                .receiveMessage(
                                        request ->
                                                request.queueUrl(queue.url())
                                                        .maxNumberOfMessages(10)
                                                        .waitTimeSeconds(1)
                                                        .messageAttributeNames("All"))
                                .messages();
                for (Message message : messages) {
                    String id = message.messageAttributes().get("webhook-id").stringValue();
                    ledger.enter(id, 0, message.body().getBytes(StandardCharsets.UTF_8));
                }
                if (!messages.isEmpty()) {
                    LocalQueue.delete(queue.client(), queue.url(), messages);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A line that a kill has cut off is none. */
    private void readLines(InputStream results) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] bytes = new byte[8192];
        try {
            while (true) {
                reading.acquireUninterruptibly();
                reading.release();
                int count = results.read(bytes);
                if (count < 0) {
                    return;
                }
                for (int i = 0; i < count; i++) {
                    if (bytes[i] != '\n') {
                        line.write(bytes[i]);
                    } else {
                        // Where results go elsewhere these are the lines about messages.
                        if (kind == Kind.OUTPUT) {
                            ledger.enter("", 0, line.toByteArray());
                        }
                        line.reset();
                    }
                }
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private void awaitReader() {
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        if (front != null) {
            awaitReader();
            front.close();
            queue.close();
        }
        if (topic != null) {
            topic.close();
        }
        if (bucket != null) {
            bucket.close();
        }
    }
}
