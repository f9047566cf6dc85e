package dev.millrace.source;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the host of a queue's URL or endpoint tells. */
final class QueueHost {
    /** As in {@code sqs.eu-central-1.amazonaws.com} and {@code vpce-1.sqs.us-east-1.vpce.…}. */
    private static final Pattern REGION =
            Pattern.compile("(?:^|\\.)sqs(?:-fips)?\\.([a-z]{2,}(?:-[a-z]+)+-\\d+)\\.");

    private final URI uri;
    private final String host;

    QueueHost(URI uri) {
        this.uri = uri;
        this.host = uri.getHost().toLowerCase(Locale.ROOT);
    }

    boolean isAws() {
        return host.endsWith(".amazonaws.com") || host.endsWith(".amazonaws.com.cn");
    }

    Optional<String> region() {
        Matcher matcher = REGION.matcher(host);
        return isAws() && matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Scheme and authority without a path. */
    URI origin() {
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority());
    }
}
