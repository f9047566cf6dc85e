package dev.millrace.objects;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;

/**
 * Where a bucket is asked for: on AWS at a host of its own in its region, at another store below
 * the endpoint's path. A bucket with dots in its name has no certificate for a host of its own, so
 * it is in the path, too. Immutable.
 */
final class StoreHosts {
    private static final String HEX = "0123456789ABCDEF";

    /** The region at the end of {@code s3.eu-west-1}, {@code s3-eu-west-1} and the like. */
    private static final Pattern IN_HOST =
            Pattern.compile("(?:^|\\.)s3[.-]([a-z]{2,}(?:-[a-z]+)+-\\d)\\.");

    private final UnaryOperator<String> origins;
    private final boolean alwaysPath;

    /**
     * @param origins by region, without the bucket
     * @param alwaysPath whether the bucket is in the path whatever its name
     */
    StoreHosts(UnaryOperator<String> origins, boolean alwaysPath) {
        this.origins = origins;
        this.alwaysPath = alwaysPath;
    }

    static StoreHosts of(Optional<URI> endpoint) {
        return endpoint.map(uri -> new StoreHosts(_ -> uri.toString(), true))
                .orElseGet(() -> new StoreHosts(StoreHosts::aws, false));
    }

    private static String aws(String region) {
        return "https://s3." + region + "." + PartitionMetadata.of(Region.of(region)).dnsSuffix();
    }

    /** The region that a host names, of which a store's answer says that the bucket is there. */
    static Optional<String> regionIn(String host) {
        Matcher matcher = IN_HOST.matcher(host);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The URL of an object, whose key has no segment that an HTTP client would shorten. */
    HttpUrl object(String bucket, String region, String key) {
        HttpUrl store = HttpUrl.get(origins.apply(region));
        HttpUrl.Builder url = store.newBuilder();
        if (alwaysPath || bucket.indexOf('.') >= 0) {
            return url.encodedPath("/" + bucket + "/" + encoded(key)).build();
        }
        return url.host(bucket + "." + store.host()).encodedPath("/" + encoded(key)).build();
    }

    /** As S3 signs it: every byte but letters, digits, {@code -._~} and slashes. */
    static String encoded(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        StringBuilder path = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if (c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || "-._~/".indexOf(c) >= 0) {
                path.append(c);
            } else {
                path.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return path.toString();
    }
}
