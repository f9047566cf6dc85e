package dev.millrace.net;

import java.io.IOException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/** Tells why a call of the AWS SDK failed, for lines about queues, topics and others. */
public final class SdkFailures {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private SdkFailures() {}

    /** Whether this machine has no credentials at all. */
    public static boolean lacksCredentials(SdkException failure) {
        return failure instanceof SdkClientException
                && String.valueOf(failure.getMessage()).contains("Unable to load credentials");
    }

    /** What follows the name of the service where {@link #lacksCredentials}. */
    public static String noCredentials(SdkException failure) {
        return "needs AWS credentials, and " + MissingCredentials.why(failure);
    }

    /** Whether the service knows who calls and forbids it, or does not know it. */
    public static boolean isDenied(SdkException failure) {
        return failure instanceof AwsServiceException e
                && (e.statusCode() == UNAUTHORIZED || e.statusCode() == FORBIDDEN);
    }

    /** Whether nobody answered in time, or at all. */
    public static boolean isUnreachable(SdkException failure) {
        return failure instanceof ApiCallTimeoutException
                || failure instanceof ApiCallAttemptTimeoutException
                || failure instanceof SdkClientException
                        && root(failure) instanceof IOException
                        && !(failure instanceof AbortedException);
    }

    /** The service's name of an error. */
    public static String code(AwsServiceException failure) {
        // A proxy's answer has none.
        return failure.awsErrorDetails() == null || failure.awsErrorDetails().errorCode() == null
                ? "status " + failure.statusCode()
                : failure.awsErrorDetails().errorCode();
    }

    /** What began it. */
    public static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
