package dev.millrace.fetch;

import dev.millrace.net.HttpLimits;
import java.time.Duration;

/**
 * What a download may cost.
 *
 * @param callTimeout of a whole download, redirects included; waiting for a turn is not counted
 * @param connectTimeout of one TCP connection, and of one question to a name server
 * @param readTimeout between two bytes
 * @param maxBytes of a body
 * @param maxRedirects followed for one download
 * @param perHost downloads at a time that an operator allows from one host; {@link #NO_CAP} for as
 *     many as others leave
 * @param minimumRate of a body, in bytes a second on average, once it has come for {@link
 *     MinBodyRate#GRACE}
 */
public record FetchLimits(
        Duration callTimeout,
        Duration connectTimeout,
        Duration readTimeout,
        int maxBytes,
        int maxRedirects,
        int perHost,
        int minimumRate) {
    public static final int NO_CAP = Integer.MAX_VALUE;

    /** So many times {@link #maxBytes} the images of one message may have together. */
    public static final int MESSAGE_IMAGES = 200;

    public static final FetchLimits DEFAULTS =
            new FetchLimits(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    20 << 20,
                    3,
                    NO_CAP,
                    4 << 10);

    public FetchLimits {
        positive("timeout", callTimeout);
        positive("connectTimeout", connectTimeout);
        positive("readTimeout", readTimeout);
        atLeast(1, "maxBytes", maxBytes);
        atLeast(0, "maxRedirects", maxRedirects);
        atLeast(1, "perHost", perHost);
        atLeast(1, "minimumRate", minimumRate);
    }

    private static void positive(String key, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    "fetch." + key + ": " + value + " is not a time to wait; use more than 0s");
        }
    }

    private static void atLeast(int least, String key, int value) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "fetch." + key + ": " + value + " is too small; use " + least + " or more");
        }
    }

    /** Bytes that the images of one message may have together. */
    long maxMessageBytes() {
        return (long) MESSAGE_IMAGES * maxBytes;
    }

    /** The same but for the downloads at a time from one host. */
    public FetchLimits withPerHost(int downloads) {
        return new FetchLimits(
                callTimeout,
                connectTimeout,
                readTimeout,
                maxBytes,
                maxRedirects,
                downloads,
                minimumRate);
    }

    /** The limits of the client that downloads. */
    public HttpLimits http(int idleConnections) {
        return new HttpLimits(connectTimeout, readTimeout, callTimeout, idleConnections);
    }
}
