package dev.millrace.observe.live;

import dev.millrace.job.LimitedLog;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Texts as whoever reaches the port may read them. Strangers wrote parts of them, and URLs in them
 * may hold secrets in their path or query: a host is all that is left of one. The log has the rest.
 */
final class Shown {
    /** Scheme, user, host with its port, and what follows, without a sentence's own signs. */
    private static final Pattern URL =
            Pattern.compile(
                    "(?i)([a-z][a-z0-9+.-]{0,20}://)(?:[^\\s/?#'\"<>]*@)?([^\\s/?#'\"<>]*)"
                            + "(?:[/?#][^\\s'\"<>]*?)?(?=[.,:;)]*(?:[\\s'\"<>]|$))");

    /** Among others those that turn the direction of a text. */
    private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}");

    private static final int MAX_HOST = 100;

    private Shown() {}

    /** One line, in which a URL is its scheme and host. */
    static String line(String text) {
        String plain = INVISIBLE.matcher(LimitedLog.plain(text)).replaceAll("?");
        Matcher urls = URL.matcher(plain);
        return urls.replaceAll(
                url -> {
                    boolean bare = url.end() == url.end(2);
                    return Matcher.quoteReplacement(
                            url.group(1) + url.group(2) + (bare ? "" : "/…"));
                });
    }

    /**
     * The host of a URL, or what there is instead.
     *
     * @param where a URL or a host; may be empty
     */
    static String host(String where) {
        Matcher url = URL.matcher(where);
        String host = url.lookingAt() ? url.group(2) : where.split("[/?#@]", 2)[0];
        String plain = INVISIBLE.matcher(LimitedLog.plain(host)).replaceAll("?");
        return host.isEmpty()
                ? ""
                : plain.length() <= MAX_HOST ? plain : plain.substring(0, MAX_HOST) + "…";
    }
}
