package dev.millrace.serve;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How callers are served who wait for their answers.
 *
 * @param port to listen on; 0 for any free one
 * @param bind address or name of the interface to listen on
 * @param allowedHosts names under which callers reach it, as {@link BrowserGuard} takes them
 * @param share of the images and bytes in the worker that callers may have, up to 1; while both
 *     sides want the ring, of its slots too
 * @param maxBody bytes of a request's body at most
 * @param deadline how long a request may take whose caller says nothing else, and the longest that
 *     a caller may ask for
 * @param minimumRate bytes a second that a body must come at
 * @param token that each request for an inference must bear, where there is one
 * @param tls where the connections are encrypted
 */
public record ServeSettings(
        int port,
        String bind,
        List<String> allowedHosts,
        double share,
        int maxBody,
        Duration deadline,
        int minimumRate,
        Optional<String> token,
        Optional<Tls> tls) {
    public static final String LOOPBACK = "127.0.0.1";

    /** Beside a queue. */
    public static final double HALF = 0.5;

    public static final Duration DEADLINE = Duration.ofSeconds(10);

    public ServeSettings {
        allowedHosts = List.copyOf(allowedHosts);
    }

    /** PEM files. */
    public record Tls(Path certificate, Path key) {}

    /** The same where there is no queue, so that all is the callers'. */
    public ServeSettings alone(int onPort, String at) {
        return new ServeSettings(
                onPort, at, allowedHosts, 1, maxBody, deadline, minimumRate, token, tls);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "%s:%d, share %s, token %s, tls %s"
                .formatted(bind, port, share, token.isPresent() ? "set" : "none", tls);
    }
}
