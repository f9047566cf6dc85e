package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.deadletters.DeadLetterQueue;
import dev.millrace.source.QueueRefusal;
import dev.millrace.source.QueueSettings;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Finds the dead letter queue of a worker, and says in one line why it cannot be used. */
final class DeadLetterCalls {
    private final SqsClient client;
    private final QueueSettings source;
    private final Optional<String> given;
    private String url;
    private String actions;

    /**
     * @param given URL of the dead letter queue, where the user knows it
     */
    DeadLetterCalls(SqsClient client, QueueSettings source, Optional<String> given) {
        this.client = client;
        this.source = source;
        this.given = given;
    }

    /** Throws {@link ConfigException} with one line where there is none that answers. */
    DeadLetterQueue find(DeadLetterAction action) {
        actions = action.actions();
        url = given.orElseGet(this::ofRedrivePolicy);
        if (url.equals(source.url())) {
            throw new ConfigException(
                    "--dead-letter-queue: '"
                            + url
                            + "' is the queue itself; name the one that has its dead letters");
        }
        at(url);
        DeadLetterQueue queue = new DeadLetterQueue(client, url, source.url());
        try {
            queue.counts();
        } catch (SdkException e) {
            throw new ConfigException("--dead-letter-queue: " + said(e));
        }
        return queue;
    }

    private String ofRedrivePolicy() {
        try {
            return DeadLetterQueue.of(client, source.url())
                    .orElseThrow(
                            () ->
                                    new ConfigException(
                                            "queue.url: '"
                                                    + source.url()
                                                    + "' has no redrive policy and so no dead"
                                                    + " letter queue; give it one, or name a queue"
                                                    + " with --dead-letter-queue"));
        } catch (SdkException e) {
            throw new ConfigException(
                    "queue.url: "
                            + QueueRefusal.line(
                                    e,
                                    source,
                                    new QueueRefusal.Words(
                                            "queue.url",
                                            "queue.endpoint",
                                            "queue.region",
                                            "sqs:GetQueueAttributes")));
        }
    }

    /** Why a call failed; what is no failure of a call is thrown on. */
    String said(RuntimeException failure) {
        if (!(failure instanceof SdkException refusal)) {
            throw failure;
        }
        QueueRefusal.Words words =
                new QueueRefusal.Words(
                        "--dead-letter-queue", "queue.endpoint", "queue.region", actions);
        return QueueRefusal.line(refusal, at(url), words);
    }

    private QueueSettings at(String other) {
        try {
            return new QueueSettings(
                    other,
                    source.endpoint(),
                    source.region(),
                    source.visibility(),
                    source.waitTime(),
                    source.receivers(),
                    source.deadline());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    e.getMessage().replaceFirst("^queue\\.url", "--dead-letter-queue"));
        }
    }
}
