package dev.millrace.fetch;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.objects.StoreError;
import okhttp3.Response;

/**
 * What a store's refusals mean, in words for the person who sent the message. What is wrong with
 * the object ends the message; what is wrong with the worker's credentials or clock is tried again,
 * so that a mistake of the operator's loses no message.
 */
final class ObjectFailures {
    private ObjectFailures() {}

    static FailureException of(Response answer, StoreError error, ObjectTarget target) {
        boolean deleted = "true".equals(answer.header("x-amz-delete-marker"));
        return switch (error.code()) {
            case "NoSuchBucket" ->
                    refused(target, answer, error, "there is no such bucket; check its name");
            case "NoSuchVersion" ->
                    refused(target, answer, error, "it has no such version; check the versionId");
            case "InvalidObjectState" ->
                    refused(
                            target,
                            answer,
                            error,
                            "it is archived; restore it before the message is sent");
            case "ExpiredToken", "TokenRefreshRequired", "InvalidToken" ->
                    faulty(
                            target,
                            answer,
                            error,
                            "the worker's credentials have expired or are not valid; renew them");
            case "InvalidAccessKeyId", "SignatureDoesNotMatch" ->
                    faulty(
                            target,
                            answer,
                            error,
                            "the store does not know the worker's credentials; check its access key");
            case "RequestTimeTooSkewed", "RequestExpired" ->
                    faulty(
                            target,
                            answer,
                            error,
                            "the worker's clock and the store's differ too much; set the worker's clock");
            case "SlowDown" ->
                    faulty(
                            target,
                            answer,
                            error,
                            "the store is asked too much; the worker asks again later");
            default -> byStatus(answer, error, target, deleted);
        };
    }

    private static FailureException byStatus(
            Response answer, StoreError error, ObjectTarget target, boolean deleted) {
        int status = answer.code();
        if (FetchFailures.mayPass(status)) {
            return faulty(
                    target, answer, error, "the store has a fault; the worker asks again later");
        }
        if (deleted) {
            return refused(
                    target,
                    answer,
                    error,
                    "it was deleted, or its version is a delete marker; name a version that is an image");
        }
        if (isKms(error)) {
            return refused(
                    target,
                    answer,
                    error,
                    "it is encrypted with a key of KMS that the worker's role may not use, or that is disabled; allow kms:Decrypt on that key");
        }
        return switch (status) {
            case 404 -> refused(target, answer, error, "there is no such object; check its key");
            case 412 ->
                    refused(
                            target,
                            answer,
                            error,
                            "the object is not the one that the message means: it has changed since");
            case 401, 403 -> refused(target, answer, error, forbidden(target));
            case 301, 307, 400 -> moved(target, answer, error);
            default ->
                    refused(
                            target,
                            answer,
                            error,
                            "the store refuses it; check the object and the bucket");
        };
    }

    private static FailureException moved(ObjectTarget target, Response answer, StoreError error) {
        return answer.code() == 400 && !error.code().equals("AuthorizationHeaderMalformed")
                ? refused(target, answer, error, "the store cannot serve it; check the object")
                : refused(
                        target,
                        answer,
                        error,
                        "its bucket is in another region, and the answer does not lead there; set fetch.s3.region");
    }

    private static String forbidden(ObjectTarget target) {
        String may =
                target.object().versionId().isPresent() ? "s3:GetObjectVersion" : "s3:GetObject";
        String owner =
                target.bucket()
                        .owner()
                        .map(
                                id ->
                                        ", or the bucket does not belong to the account %s that fetch.s3.allowBuckets names"
                                                .formatted(id))
                        .orElse("");
        return "the worker's role may not read it, or it does not exist (without s3:ListBucket a missing object answers 403)%s; allow %s and s3:ListBucket, or check the key"
                .formatted(owner, may);
    }

    /** In its code, or in the sentence of an AccessDenied. */
    private static boolean isKms(StoreError error) {
        return error.code().startsWith("KMS.") || error.message().contains("kms:");
    }

    private static FailureException refused(
            ObjectTarget target, Response answer, StoreError error, String why) {
        return failure(Failure.Kind.HTTP_STATUS, target, answer, error, why);
    }

    private static FailureException faulty(
            ObjectTarget target, Response answer, StoreError error, String why) {
        return failure(Failure.Kind.FETCH_FAILED, target, answer, error, why);
    }

    private static FailureException failure(
            Failure.Kind kind, ObjectTarget target, Response answer, StoreError error, String why) {
        String code = error.code().isEmpty() ? "" : " (" + error.code() + ")";
        return FetchFailures.failure(
                kind, "%s answered %s%s: %s".formatted(target.name(), answer.code(), code, why));
    }
}
