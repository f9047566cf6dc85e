package dev.millrace.job;

import dev.millrace.resource.SafeText;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An object in an S3 bucket, as a message names it. As text it is {@code s3://bucket/key}, the key
 * as the AWS CLI writes it: nothing in it is decoded, and only a {@code ?versionId=…} at its end
 * does not belong to it.
 *
 * @param key as it is in the bucket, 1 to 1,024 bytes of UTF-8
 * @param versionId the only version that is meant; the newest where there is none
 * @param etag of the object when the message was sent, without quotation marks, so that another
 *     object under the same key is seen
 * @param region of the bucket, where the message says it
 */
public record ObjectRef(
        String bucket,
        String key,
        Optional<String> versionId,
        Optional<String> etag,
        Optional<String> region) {
    private static final String SCHEME = "s3://";
    private static final int MAX_KEY_BYTES = 1024;
    private static final int MAX_SHOWN = 80;

    // One pattern keeps what the message names to a single label or name of a host.
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]");
    private static final Pattern REGION = Pattern.compile("(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern ETAG = Pattern.compile("[\\x21\\x23-\\x7e]{1,128}");
    private static final String VERSION = "[A-Za-z0-9._~-]{1,1024}";
    private static final Pattern VERSION_ID = Pattern.compile(VERSION);
    private static final Pattern WITH_VERSION =
            Pattern.compile("(.*)\\?versionId=(" + VERSION + ")", Pattern.DOTALL);

    /** Throws {@link IllegalArgumentException} with one line where S3 has no such names. */
    public ObjectRef {
        etag = etag.map(ObjectRef::unquoted);
        if (!isBucket(bucket)) {
            throw new IllegalArgumentException(
                    "'%s' is no name of a bucket; write s3://bucket/key, the bucket with 3 to 63 lower-case letters, digits, dots and hyphens"
                            .formatted(shown(bucket)));
        }
        if (key.isEmpty()) {
            throw new IllegalArgumentException(
                    "it names the bucket %s and no object; write s3://%s/key"
                            .formatted(bucket, bucket));
        }
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "its key has %d bytes, and no object's has more than %d; correct it"
                            .formatted(bytes, MAX_KEY_BYTES));
        }
        require(VERSION_ID, "version id", versionId);
        require(ETAG, "etag", etag);
        require(REGION, "region", region);
    }

    /** Whether a bucket can have this name. */
    public static boolean isBucket(String name) {
        return BUCKET.matcher(name).matches() && !name.contains("..") && !name.startsWith("xn--");
    }

    /** Whether this can be the name of a region, which goes into the name of a host. */
    public static boolean isRegion(String name) {
        return REGION.matcher(name).matches();
    }

    /** Whether a URL means an object, well written or not. */
    public static boolean isS3(String url) {
        return url.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    /**
     * Reads {@code s3://bucket/key}. Throws {@link IllegalArgumentException} with one line where it
     * is something else.
     */
    public static ObjectRef parse(String url) {
        if (!isS3(url)) {
            throw new IllegalArgumentException("it is no s3:// URL; write s3://bucket/key");
        }
        int slash = url.indexOf('/', SCHEME.length());
        String bucket = url.substring(SCHEME.length(), slash < 0 ? url.length() : slash);
        String key = slash < 0 ? "" : url.substring(slash + 1);
        Matcher version = WITH_VERSION.matcher(key);
        Optional<String> versionId = Optional.empty();
        if (version.matches()) {
            key = version.group(1);
            versionId = Optional.of(version.group(2));
        }
        return new ObjectRef(bucket, key, versionId, Optional.empty(), Optional.empty());
    }

    /** The object that a URL means; empty where it is another URL, or written wrong. */
    public static Optional<ObjectRef> in(String url) {
        try {
            return isS3(url) ? Optional.of(parse(url)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String unquoted(String etag) {
        return etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")
                ? etag.substring(1, etag.length() - 1)
                : etag;
    }

    private static void require(Pattern pattern, String what, Optional<String> value) {
        if (value.isPresent() && !pattern.matcher(value.get()).matches()) {
            throw new IllegalArgumentException(
                    "'%s' is no %s of S3; leave it out".formatted(shown(value.get()), what));
        }
    }

    /** On one line, and not longer than a line. */
    private static String shown(String text) {
        String line = SafeText.line(text);
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "…";
    }

    /** UTF-16 units of its texts, for whoever counts the heap. */
    int chars() {
        return bucket.length()
                + key.length()
                + versionId.map(String::length).orElse(0)
                + etag.map(String::length).orElse(0)
                + region.map(String::length).orElse(0);
    }

    /** As a URL, without the etag and the region. */
    @Override
    public String toString() {
        return SCHEME + bucket + "/" + key + versionId.map(id -> "?versionId=" + id).orElse("");
    }
}
