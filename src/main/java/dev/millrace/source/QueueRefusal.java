package dev.millrace.source;

import dev.millrace.job.LimitedLog;
import java.io.IOException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
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
            case SqsException e when e.statusCode() == 401 || e.statusCode() == 403 ->
                    "denies access (%s); check the credentials, and allow them %s"
                            .formatted(code(e), words.actions);
            case SqsException e ->
                    "answered with status %s (%s); correct %s or %s%s"
                            .formatted(
                                    e.statusCode(),
                                    LimitedLog.reason(e),
                                    words.url,
                                    words.endpoint,
                                    region(settings, words, ""));
            case SdkClientException e
                    when String.valueOf(e.getMessage()).contains("Unable to load credentials") ->
                    "needs AWS credentials, and none were found in environment variables, in the"
                            + " files of ~/.aws or in a role of this machine; set"
                            + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";
            case SdkClientException e when isUnreachable(e) ->
                    "cannot be reached (%s); check %s, %s and the network"
                            .formatted(LimitedLog.reason(root(e)), words.url, words.endpoint);
            default ->
                    "cannot be used (%s); check %s and %s"
                            .formatted(LimitedLog.reason(failure), words.url, words.endpoint);
        };
    }

    private static String code(SqsException failure) {
        // A proxy's answer has none.
        return failure.awsErrorDetails() == null || failure.awsErrorDetails().errorCode() == null
                ? "status " + failure.statusCode()
                : failure.awsErrorDetails().errorCode();
    }

    /** A server with regions knows nothing of a queue in another one. */
    private static String region(QueueSettings settings, Words words, String otherwise) {
        return SqsClients.guessesRegion(settings)
                ? ", or set AWS_REGION or %s, since the call named the region '%s' without them"
                        .formatted(words.region, SqsClients.REGION_OF_NO_CONSEQUENCE)
                : otherwise;
    }

    private static boolean isUnreachable(SdkClientException failure) {
        return failure instanceof ApiCallTimeoutException
                || failure instanceof ApiCallAttemptTimeoutException
                || (root(failure) instanceof IOException && !(failure instanceof AbortedException));
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
