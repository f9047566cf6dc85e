package dev.millrace.net;

import dev.millrace.resource.Build;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;

/**
 * An HTTP client that connects only where a {@link UrlPolicy} allows: no proxy of the environment,
 * no redirects, cookies, cache or logins. Calls are made on the caller's (virtual) thread; an
 * interrupt ends them. A call that the gate refused throws an exception with a {@link
 * ForbiddenAddressException} in it. Owns its connections.
 */
public final class GuardedHttp implements AutoCloseable {
    /** Below the minute after which common servers hang up, so that a kept connection works. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    private static final String AGENT = "User-Agent";

    private final UrlPolicy policy;
    private final OkHttpClient client;
    private final Resolver resolver;
    private final Headers headers;

    /** Asks the host's resolver for names, and calls itself by the name of this build. */
    public GuardedHttp(UrlPolicy policy, HttpLimits limits) {
        this(policy, limits, Map.of());
    }

    public GuardedHttp(UrlPolicy policy, HttpLimits limits, Resolver resolver) {
        this(policy, limits, resolver, Map.of());
    }

    /**
     * @param headers of each request; the name of this build goes with them unless they have a
     *     {@code User-Agent}
     */
    public GuardedHttp(UrlPolicy policy, HttpLimits limits, Map<String, String> headers) {
        this(policy, limits, new SystemResolver(limits.connect()), headers);
    }

    private GuardedHttp(
            UrlPolicy policy, HttpLimits limits, Resolver resolver, Map<String, String> headers) {
        this.resolver = resolver;
        this.headers = withAgent(Headers.of(headers));
        this.policy = policy;
        this.client =
                new OkHttpClient.Builder()
                        .proxy(Proxy.NO_PROXY)
                        .followRedirects(false)
                        .followSslRedirects(false)
                        // Tries the next address of a name, and once more when the server has
                        // closed a kept connection.
                        .retryOnConnectionFailure(true)
                        // Connects on the caller's thread, where an interrupt reaches it.
                        .fastFallback(false)
                        // An unread HTTP/2 body fills 16 MiB of heap; HTTP/1.1 leaves it in the
                        // kernel.
                        .protocols(List.of(Protocol.HTTP_1_1))
                        .addNetworkInterceptor(new HeadLimit())
                        .dns(new GuardedDns(resolver, policy))
                        .socketFactory(new GuardedSocketFactory(policy, limits.read()))
                        .connectTimeout(limits.connect())
                        // The socket's own, which is set once and not for each 8 KiB.
                        .readTimeout(Duration.ZERO)
                        // A server that takes no more bytes meets the call's timeout.
                        .writeTimeout(Duration.ZERO)
                        .callTimeout(limits.call())
                        .connectionPool(IdleConnections.pool(limits.idleConnections(), KEEP_ALIVE))
                        .build();
    }

    private static Headers withAgent(Headers headers) {
        return headers.get(AGENT) != null
                ? headers
                : headers.newBuilder().set(AGENT, Build.THIS.userAgent()).build();
    }

    /** A request with the headers that all of this client's have. */
    public Request.Builder request(HttpUrl url) {
        return new Request.Builder().url(url).headers(headers);
    }

    /** A call to a URL that {@link UrlPolicy#check} returned; its timeout may be shortened. */
    public Call newCall(Request request) {
        return client.newCall(request);
    }

    public UrlPolicy policy() {
        return policy;
    }

    /** Drops idle connections; running calls end by themselves. */
    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        if (resolver instanceof SystemResolver own) {
            own.close();
        }
    }
}
