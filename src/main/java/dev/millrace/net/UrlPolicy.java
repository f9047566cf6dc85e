package dev.millrace.net;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.HttpUrl;

/**
 * Which URLs of strangers are called. {@link #check} parses once; the caller connects with the
 * object that it returns, so no second parser can read the text otherwise. What only a name server
 * knows, {@link GuardedHttp} checks when it connects. Thread-safe.
 */
public final class UrlPolicy {
    /** Of a URL, in UTF-16 units. */
    public static final int MAX_CHARS = 2048;

    private final AddressRules rules;
    private final Set<Integer> ports;
    private final Optional<HostList> hosts;

    /** The only server, where the operator named it. */
    private final Optional<HttpUrl> server;

    private volatile Allowed last = new Allowed(null, null);

    /** Most messages of a sender name the same callback. */
    private record Allowed(String text, HttpUrl url) {}

    /**
     * @param morePorts that may be called on any allowed host besides 80 and 443; on addresses that
     *     the operator listed, every port may
     * @param hosts the only ones that may be called, where there is a list; their addresses must be
     *     allowed all the same
     */
    public UrlPolicy(AddressRules rules, Set<Integer> morePorts, Optional<HostList> hosts) {
        this(rules, morePorts, hosts, Optional.empty());
    }

    private UrlPolicy(
            AddressRules rules,
            Set<Integer> morePorts,
            Optional<HostList> hosts,
            Optional<HttpUrl> server) {
        this.server = server;
        this.rules = rules;
        this.hosts = hosts;
        this.ports =
                Stream.concat(Stream.of(80, 443), morePorts.stream())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The policy of a client that calls one server of the configuration and no other. The server
     * may have any address: the operator named it, and no sender can choose another.
     *
     * @param server whose scheme, host and port count
     */
    public static UrlPolicy onlyServer(HttpUrl server) {
        return new UrlPolicy(
                new AddressRules(List.of()), Set.of(), Optional.empty(), Optional.of(server));
    }

    /**
     * Parses a URL of a message.
     *
     * @param stage that wants to call it, {@code FETCH} or {@code CALLBACK}
     * @throws FailureException of kind {@code URL_FORBIDDEN}
     */
    public HttpUrl check(String url, Stage stage) throws FailureException {
        Allowed known = last;
        if (url.equals(known.text)) {
            return known.url;
        }
        HttpUrl allowed = checkAll(parse(url, stage), stage);
        last = new Allowed(url, allowed);
        return allowed;
    }

    private static HttpUrl parse(String url, Stage stage) throws FailureException {
        if (url.length() > MAX_CHARS) {
            throw forbidden(
                    stage,
                    "the URL has "
                            + url.length()
                            + " characters; use a URL of at most "
                            + MAX_CHARS);
        }
        HttpUrl parsed = HttpUrl.parse(url);
        if (parsed == null) {
            throw forbidden(
                    stage,
                    "the URL cannot be read; write it like https://images.example.com/cat.jpg");
        }
        return parsed;
    }

    /**
     * Parses where a redirect leads; every hop obeys the rules of {@link #check}, and none leaves
     * https.
     *
     * @throws FailureException of kind {@code URL_FORBIDDEN}
     */
    public HttpUrl redirect(HttpUrl from, String location, Stage stage) throws FailureException {
        HttpUrl to = location.length() > MAX_CHARS ? null : from.resolve(location);
        if (to == null) {
            throw forbidden(
                    stage,
                    "%s redirects to something other than an http or https URL of at most %s characters; use a URL that leads to the image itself"
                            .formatted(from.host(), MAX_CHARS));
        }
        if (from.isHttps() && !to.isHttps()) {
            throw forbidden(
                    stage,
                    from.host() + " redirects from https to http; use a URL that stays on https");
        }
        return checkAll(to, stage);
    }

    private HttpUrl checkAll(HttpUrl url, Stage stage) throws FailureException {
        if (url.toString().length() > MAX_CHARS) {
            throw forbidden(
                    stage, "the URL has more than " + MAX_CHARS + " characters; use a shorter one");
        }
        if (!url.encodedUsername().isEmpty() || !url.encodedPassword().isEmpty()) {
            throw forbidden(
                    stage, "the URL holds a user name or password; use a signed URL instead");
        }
        return check(url, stage);
    }

    /**
     * Checks a URL that is no text of a stranger's, whatever its length.
     *
     * @throws FailureException of kind {@code URL_FORBIDDEN}
     */
    public HttpUrl check(HttpUrl url, Stage stage) throws FailureException {
        if (server.isPresent()) {
            if (!isServer(server.get(), url)) {
                throw forbidden(
                        stage,
                        "%s is not the server of the configuration, %s"
                                .formatted(url.host(), server.get().host()));
            }
            return url;
        }
        if (hosts.isPresent() && !hosts.get().contains(url.host())) {
            throw forbidden(
                    stage,
                    "%s is not one of the hosts that this worker calls; use one of those, or ask the operator to add it to callback.allowHosts"
                            .formatted(url.host()));
        }
        Optional<InetAddress> address = address(url, stage);
        if (address.isPresent() && !rules.allows(address.get())) {
            throw forbidden(stage, notPublic(url.host(), stage));
        }
        boolean portAllowed =
                address.map(known -> allowsPort(known, url.port()))
                        .orElseGet(() -> ports.contains(url.port()) || rules.hasList());
        if (!portAllowed) {
            throw forbidden(stage, "port " + url.port() + " is not allowed; use 80 or 443");
        }
        return url;
    }

    private static boolean isServer(HttpUrl server, HttpUrl url) {
        return url.scheme().equals(server.scheme())
                && url.host().equals(server.host())
                && url.port() == server.port();
    }

    /** The address in the URL, if it holds one; empty for a name. */
    private static Optional<InetAddress> address(HttpUrl url, Stage stage) throws FailureException {
        String host = url.host();
        if (isLocalhost(host)) {
            return Optional.of(InetAddress.ofLiteral("127.0.0.1"));
        }
        Optional<InetAddress> literal = literal(host, stage);
        if (literal.isEmpty() && IpText.endsInNumber(host)) {
            // 127.1, 2130706433, 0x7f.1: resolvers disagree about them, so none gets to see them.
            throw forbidden(
                    stage,
                    "the host %s is a number; write an address as four decimal numbers, such as 93.184.215.14"
                            .formatted(host));
        }
        return literal;
    }

    private static Optional<InetAddress> literal(String host, Stage stage) throws FailureException {
        try {
            return IpText.literal(host);
        } catch (IllegalArgumentException e) {
            throw forbidden(stage, "the host " + host + " is not a valid address; use a host name");
        }
    }

    /** RFC 6761: these names never leave the host. */
    private static boolean isLocalhost(String host) {
        String name = HostList.withoutDot(host);
        return name.equals("localhost") || name.endsWith(".localhost");
    }

    /** Whether a connection to this address and port may be opened. */
    boolean allows(InetAddress address, int port) {
        if (server.isPresent()) {
            return server.get().port() == port;
        }
        return rules.allows(address) && allowsPort(address, port);
    }

    /** Whether a name may have this address. */
    boolean allows(InetAddress address) {
        if (server.isPresent()) {
            return true;
        }
        return rules.allows(address);
    }

    private boolean allowsPort(InetAddress address, int port) {
        return ports.contains(port) || rules.listed(address);
    }

    /** What a sender is told of a host that leads to a forbidden address. */
    public static String notPublic(String host, Stage stage) {
        return "%s leads to an address or port that is not public; use a public host, or ask the operator to add its address to %s.allowAddresses"
                .formatted(host, stage == Stage.CALLBACK ? "callback" : "fetch");
    }

    private static FailureException forbidden(Stage stage, String why) {
        String subject = stage == Stage.CALLBACK ? "callback URL refused: " : "image URL refused: ";
        return new FailureException(Failure.Kind.URL_FORBIDDEN, stage, subject + why);
    }
}
