package dev.millrace.serve;

import dev.millrace.net.HostList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps web pages of other origins from a port. A browser that is on the operator's machine, or in
 * the same network, reaches the port for any page that it shows, and says in headers which page
 * asks: {@code Origin}, {@code Sec-Fetch-Site}, and {@code Host} where the page's own name was made
 * to lead here (DNS rebinding). A program that sends none of them passes. Immutable.
 */
public final class BrowserGuard {
    /** In the list of hosts: any. */
    public static final String ANY = "*";

    /** Says nothing that is worth keeping from anybody, and probes send whatever host they like. */
    private static final String HEALTH = "/v2/health/";

    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9a-f:.]+]|[^\\s\\[\\]:/?#@\\\\]+)(?::[0-9]{1,5})?");
    private static final Pattern ORIGIN = Pattern.compile("(https?)://(" + AUTHORITY + ")");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern PLAIN = Pattern.compile("[a-z0-9._-]{1,253}");
    private static final Pattern LOCALHOST = Pattern.compile("(.+\\.)?localhost\\.?");

    private final String key;
    private final String bind;
    private final boolean anyHost;
    private final HostList hosts;
    private final boolean tls;

    /**
     * @param key of the configuration that has the hosts
     * @param bind address or name that the port listens on
     * @param allowedHosts names, beside {@code bind} and {@code localhost}, under which the port is
     *     reached; {@link #ANY} for all names
     * @param tls whether the port speaks TLS
     * @throws IllegalArgumentException with one line that names the entry that is no host
     */
    public BrowserGuard(String key, String bind, List<String> allowedHosts, boolean tls) {
        this.key = key;
        this.bind = bind.toLowerCase(Locale.ROOT);
        this.anyHost = allowedHosts.contains(ANY);
        this.tls = tls;
        try {
            this.hosts =
                    new HostList(allowedHosts.stream().filter(one -> !one.equals(ANY)).toList());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }

    /**
     * Why a request is not answered, in one line; empty where it is.
     *
     * @param path without the query
     * @param header gives a header of the request by its name
     */
    public Optional<String> refusal(
            String method, String path, Function<String, Optional<String>> header) {
        if (path.startsWith(HEALTH)) {
            return Optional.empty();
        }
        Optional<String> host = header.apply("Host").map(BrowserGuard::lower);
        if (host.isPresent() && !isKnown(host.get())) {
            return Optional.of(
                    "the worker does not know the host %s; list it in %s if it leads here"
                            .formatted(shown(host.get()), key));
        }
        boolean foreign =
                header.apply("Sec-Fetch-Site").filter(BrowserGuard::isForeignSite).isPresent()
                                && !isVisit(method, header)
                        || header.apply("Origin").filter(from -> !isOwn(from, host)).isPresent();
        return foreign
                ? Optional.of(
                        "the request is of a web page of another origin; use the worker's own page, a program, or a proxy whose host is in "
                                + key)
                : Optional.empty();
    }

    /** An address cannot be rebound: a page with that in its URL is from there. */
    private boolean isKnown(String authority) {
        Matcher parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            return false;
        }
        String host = parts.group(1);
        return anyHost
                || host.startsWith("[")
                || IPV4.matcher(host).matches()
                || LOCALHOST.matcher(host).matches()
                || host.equals(bind)
                || hosts.contains(host);
    }

    private static boolean isForeignSite(String site) {
        return !site.equals("same-origin") && !site.equals("none");
    }

    /** Somebody follows a link to here: the page that has the link learns nothing. */
    private static boolean isVisit(String method, Function<String, Optional<String>> header) {
        return (method.equals("GET") || method.equals("HEAD"))
                && header.apply("Sec-Fetch-Mode").filter("navigate"::equals).isPresent()
                && header.apply("Sec-Fetch-Dest").filter("document"::equals).isPresent();
    }

    /** Whether the page is at the host that the request came to, or at one that is listed. */
    private boolean isOwn(String origin, Optional<String> host) {
        Matcher parts = ORIGIN.matcher(lower(origin));
        if (!parts.matches() || tls && parts.group(1).equals("http")) {
            return false;
        }
        String defaultPort = parts.group(1).equals("https") ? ":443" : ":80";
        String from = without(defaultPort, parts.group(2));
        return host.map(to -> without(defaultPort, to)).filter(from::equals).isPresent()
                || hosts.contains(parts.group(3));
    }

    private static String without(String end, String authority) {
        return authority.endsWith(end)
                ? authority.substring(0, authority.length() - end.length())
                : authority;
    }

    private static String lower(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }

    private static String shown(String authority) {
        Matcher parts = AUTHORITY.matcher(authority);
        return parts.matches() && PLAIN.matcher(parts.group(1)).matches()
                ? "'" + parts.group(1) + "'"
                : "of this request";
    }
}
