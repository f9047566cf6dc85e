package dev.millrace.objects;

import dev.millrace.job.ObjectRef;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A bucket that the operator lets messages name. Throws {@link IllegalArgumentException} with one
 * line for what no bucket can have.
 *
 * @param owner the account that it has to belong to, where the operator says so
 * @param prefix with which the keys that may be read begin; empty for all
 */
public record AllowedBucket(String bucket, Optional<String> owner, String prefix) {
    private static final Pattern ACCOUNT = Pattern.compile("\\d{12}");

    public AllowedBucket {
        name(bucket);
        owner.ifPresent(AllowedBucket::account);
    }

    /** The text, where a bucket can have that name. */
    public static String name(String text) {
        if (!ObjectRef.isBucket(text)) {
            throw new IllegalArgumentException(
                    "is not the name of a bucket; write the name alone, like photos");
        }
        return text;
    }

    /** The text, where it is an account's number. */
    public static String account(String text) {
        if (!ACCOUNT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "is not an account of AWS; write its 12 digits in quotation marks, like \"012345678901\"");
        }
        return text;
    }

    /** All keys, whoever owns it. */
    public static AllowedBucket of(String bucket) {
        return new AllowedBucket(bucket, Optional.empty(), "");
    }
}
