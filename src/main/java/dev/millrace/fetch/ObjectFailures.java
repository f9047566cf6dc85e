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

    private record Meaning(Failure.Kind kind, String why) {
        /** It will not be another the next time. */
        static Meaning last(String why) {
            return new Meaning(Failure.Kind.HTTP_STATUS, why);
        }

        static Meaning again(String why) {
            return new Meaning(Failure.Kind.FETCH_FAILED, why);
        }
    }

    static FailureException of(Response answer, StoreError error, ObjectTarget target) {
        Meaning meaning = byCode(answer, error, target);
        String code = error.code().isEmpty() ? "" : " (" + error.code() + ")";
        return FetchFailures.failure(
                meaning.kind,
                "%s answered %s%s: %s".formatted(target.name(), answer.code(), code, meaning.why));
    }

    private static Meaning byCode(Response answer, StoreError error, ObjectTarget target) {
        return switch (error.code()) {
            case "NoSuchBucket" -> Meaning.last("there is no such bucket; check its name");
            case "NoSuchVersion" -> Meaning.last("it has no such version; check the versionId");
            case "InvalidObjectState" ->
                    Meaning.last("it is archived; restore it before the message is sent");
            case "ExpiredToken", "TokenRefreshRequired", "InvalidToken" ->
                    Meaning.again(
                            "the worker's credentials have expired or are not valid; renew them");
            case "InvalidAccessKeyId", "SignatureDoesNotMatch" ->
                    Meaning.again(
                            "the store does not take the worker's credentials; check its access key");
            case "RequestTimeTooSkewed", "RequestExpired" ->
                    Meaning.again(
                            "the worker's clock and the store's differ too much; set the worker's clock");
            case "SlowDown" ->
                    Meaning.again("the store is asked too much; the worker asks again later");
            default -> byStatus(answer, error, target);
        };
    }

    private static Meaning byStatus(Response answer, StoreError error, ObjectTarget target) {
        int status = answer.code();
        if (FetchFailures.mayPass(status)) {
            return Meaning.again("the store has a fault; the worker asks again later");
        }
        if ("true".equals(answer.header("x-amz-delete-marker"))) {
            return Meaning.last(
                    "it was deleted, or its version is a delete marker; name a version that is an image");
        }
        if (isKms(error)) {
            return Meaning.last(
                    "it is encrypted with a key of KMS that the worker's role may not use, or that is disabled; allow kms:Decrypt on that key");
        }
        boolean otherRegion =
                status == 301
                        || status == 307
                        || error.code().equals("AuthorizationHeaderMalformed");
        if (otherRegion) {
            return Meaning.last(
                    "its bucket is in another region, and the answer does not lead there; set fetch.s3.region");
        }
        return Meaning.last(
                switch (status) {
                    case 404 -> "there is no such object; check its key";
                    case 412 -> "the object has changed since the message was sent; send a new one";
                    case 401, 403 -> forbidden(target);
                    default -> "the store does not serve it; check the object and the bucket";
                });
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
}
