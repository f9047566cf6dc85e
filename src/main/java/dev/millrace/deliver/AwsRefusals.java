package dev.millrace.deliver;

import dev.millrace.job.LimitedLog;
import dev.millrace.net.SdkFailures;
import dev.millrace.objects.StoreError;
import java.io.IOException;
import java.util.Locale;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says in one line why a service of AWS did not take a result, and what may be done about it. What
 * is wrong with the worker's access is as good as an outage: it is no fault of a message, and none
 * should spend its receives on it.
 *
 * @param name of the destination
 * @param action of IAM that sending needs
 */
public record AwsRefusals(String name, String action) {
    /** Whether it denies what was asked, which says nothing about sending. */
    public static boolean mayOnlySend(SdkException failure) {
        return SdkFailures.isDenied(failure);
    }

    /** The line is its message. */
    public IOException of(SdkException failure) {
        if (SdkFailures.lacksCredentials(failure)) {
            return new ResultRefusal(name + " " + SdkFailures.noCredentials(failure), false, false);
        }
        if (SdkFailures.isUnreachable(failure)) {
            return new ResultRefusal(
                    "%s cannot be reached (%s)"
                            .formatted(name, LimitedLog.reason(SdkFailures.root(failure))),
                    false,
                    true);
        }
        return failure instanceof AwsServiceException e
                ? ofService(e)
                : new ResultRefusal(name + ": " + LimitedLog.reason(failure), false, true);
    }

    private ResultRefusal ofService(AwsServiceException failure) {
        String code = SdkFailures.code(failure);
        if (failure.isThrottlingException()) {
            return throttled(code);
        }
        if (SdkFailures.isDenied(failure) || code.contains("Expired")) {
            return denied(code);
        }
        if (code.contains("NonExistent")
                || code.contains("NotFound")
                || code.contains("NotExist")) {
            return absent(code);
        }
        boolean fault = failure.statusCode() >= 500;
        return new ResultRefusal(
                "status %s from %s (%s)"
                        .formatted(failure.statusCode(), name, LimitedLog.reason(failure)),
                !fault,
                fault);
    }

    /** An answer of a bucket. */
    IOException ofStore(int status, StoreError error) {
        String code = error.code().isEmpty() ? "status " + status : error.code();
        return switch (status) {
            case 401, 403 -> denied(code);
            case 404 -> absent(code);
            case 429, 503 -> throttled(code);
            default ->
                    new ResultRefusal(
                            "status %s from %s (%s)".formatted(status, name, code),
                            status < 500,
                            status >= 500);
        };
    }

    private ResultRefusal throttled(String code) {
        return new ResultRefusal("%s is throttled (%s)".formatted(name, code), true, true);
    }

    private ResultRefusal denied(String code) {
        return new ResultRefusal(
                "%s denies access (%s); check the credentials, and allow them %s"
                        .formatted(name, code, action),
                false,
                false);
    }

    private ResultRefusal absent(String code) {
        return new ResultRefusal(
                "%s does not exist (%s); create it, or correct its name".formatted(name, code),
                false,
                false);
    }

    /** One entry of a call whose others may have been taken. */
    IOException ofEntry(String code, String message, boolean senderFault) {
        boolean passing = !senderFault || code.toLowerCase(Locale.ROOT).contains("throttl");
        return new ResultRefusal(
                "%s refused it (%s: %s)".formatted(name, code, LimitedLog.plain(message)),
                senderFault,
                passing);
    }

    /** An entry of which the answer does not say that it was taken. */
    IOException unconfirmed() {
        return new ResultRefusal("the answer of " + name + " leaves it out", false, true);
    }
}
