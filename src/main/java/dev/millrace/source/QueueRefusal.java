package dev.millrace.source;

import dev.millrace.job.LimitedLog;
import dev.millrace.net.SdkFailures;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** Says in one line why a queue refused a call: which queue, what is wrong and what to do. */
public final class QueueRefusal {
    private static final String ACCESS =
            "sqs:ReceiveMessage, sqs:DeleteMessage,"
                    + " sqs:ChangeMessageVisibility and sqs:GetQueueAttributes";

    private QueueRefusal() {}

    /**
     * What the caller's user calls the settings.
     *
     * @param url of the queue
     * @param actions of IAM that the caller needs
     */
    public record Words(String url, String endpoint, String region, String actions) {
        /** The keys of a worker's configuration. */
        static final Words OF_A_WORKER =
                new Words("queue.url", "queue.endpoint", "queue.region", ACCESS);
    }

    /** The line, which begins with the URL of the queue in quotes. */
    public static String line(SdkException failure, QueueSettings settings, Words words) {
        return "'" + settings.url() + "' " + plain(failure, settings, words);
    }

    private static String plain(SdkException failure, QueueSettings settings, Words words) {
        return switch (failure) {
            case QueueDoesNotExistException _ ->
                    "does not exist; create the queue, or correct "
                            + words.url
                            + region(settings, words, " and the region");
            case SqsException e when SdkFailures.isDenied(e) ->
                    "denies access (%s); check the credentials, and allow them %s"
                            .formatted(SdkFailures.code(e), words.actions);
            case SqsException e ->
                    "answered with status %s (%s); correct %s or %s%s"
                            .formatted(
                                    e.statusCode(),
                                    LimitedLog.reason(e),
                                    words.url,
                                    words.endpoint,
                                    region(settings, words, ""));
            case SdkException e when SdkFailures.lacksCredentials(e) ->
                    SdkFailures.noCredentials(e);
            case SdkException e when SdkFailures.isUnreachable(e) ->
                    "cannot be reached (%s); check %s, %s and the network"
                            .formatted(
                                    LimitedLog.reason(SdkFailures.root(e)),
                                    words.url,
                                    words.endpoint);
            default ->
                    "cannot be used (%s); check %s and %s"
                            .formatted(LimitedLog.reason(failure), words.url, words.endpoint);
        };
    }

    /** A server with regions knows nothing of a queue in another one. */
    private static String region(QueueSettings settings, Words words, String otherwise) {
        return SqsClients.guessesRegion(settings)
                ? ", or set AWS_REGION or %s, since the call named the region '%s' without them"
                        .formatted(words.region, SqsClients.REGION_OF_NO_CONSEQUENCE)
                : otherwise;
    }
}
