package dev.millrace.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bucket that takes objects, in a store that speaks like S3 and refuses what is not signed, body
 * and metadata included.
 */
public final class ResultBucket implements AutoCloseable {
    public static final String NAME = "results";

    private static final Pattern AUTHORIZATION =
            Pattern.compile(
                    "AWS4-HMAC-SHA256 Credential=([^/]+)/\\d{8}/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})");
    private static final String PATH = "/" + NAME + "/";
    private static final String METADATA = "x-amz-meta-";

    private final FlakyServer server = new FlakyServer(this::answer);
    private final SplittableRandom random;
    private final Taker taker;

    /** The part of the requests that it is too busy for. */
    public volatile double throttled;

    /** The part of the requests that fail by its own fault. */
    public volatile double failing;

    /** Where the bucket says it is. */
    public volatile String region = "eu-central-1";

    /** Sees each object that it took. */
    @FunctionalInterface
    public interface Taker {
        void take(String key, Map<String, String> metadata, String body) throws IOException;
    }

    public ResultBucket(long seed, Taker taker) throws IOException {
        this.random = new SplittableRandom(seed);
        this.taker = taker;
    }

    public URI url() {
        return server.url();
    }

    public void goDown() {
        server.goDown();
    }

    public void comeBack() throws IOException {
        server.comeBack();
    }

    private synchronized boolean chance(double part) {
        return random.nextDouble() < part;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getRawPath();
            Map<String, String> headers = new TreeMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, v) -> headers.put(name.toLowerCase(Locale.ROOT), v.getFirst()));
            String refusal = refusal(exchange.getRequestMethod(), path, headers, body);
            if (refusal.equals("AuthorizationHeaderMalformed")) {
                send(exchange, 400, refusal, "<Region>" + region + "</Region>");
            } else if (!refusal.isEmpty()) {
                send(exchange, 403, refusal, "");
            } else if (!path.startsWith(PATH)) {
                send(exchange, 404, "NoSuchBucket", "");
            } else if (chance(throttled)) {
                send(exchange, 503, "SlowDown", "");
            } else if (chance(failing)) {
                send(exchange, 500, "InternalError", "");
            } else {
                Map<String, String> metadata = new TreeMap<>();
                headers.forEach(
                        (name, value) -> {
                            if (name.startsWith(METADATA)) {
                                metadata.put(name.substring(METADATA.length()), value);
                            }
                        });
                taker.take(
                        SigV4.decoded(path.substring(PATH.length())),
                        metadata,
                        new String(body, StandardCharsets.UTF_8));
                exchange.sendResponseHeaders(200, -1);
            }
        }
    }

    private String refusal(String method, String path, Map<String, String> headers, byte[] body) {
        Matcher signed = AUTHORIZATION.matcher(headers.getOrDefault("authorization", ""));
        if (!method.equals("PUT")
                || !signed.matches()
                || !signed.group(1).equals(ObjectServer.KEY_ID)) {
            return "AccessDenied";
        }
        if (!signed.group(2).equals(region)) {
            return "AuthorizationHeaderMalformed";
        }
        List<String> names = List.of(signed.group(3).split(";"));
        String expected =
                new SigV4(method, path, null, headers, names, headers.get("x-amz-date"), region)
                        .signature(ObjectServer.SECRET);
        boolean allSigned =
                headers.keySet().stream()
                        .filter(name -> name.startsWith("x-amz-"))
                        .allMatch(names::contains);
        return expected.equals(signed.group(4))
                        && allSigned
                        && sha256(body).equals(headers.get("x-amz-content-sha256"))
                ? ""
                : "SignatureDoesNotMatch";
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(HttpExchange exchange, int status, String code, String rest)
            throws IOException {
        byte[] xml =
                "<Error><Code>%s</Code>%s</Error>"
                        .formatted(code, rest)
                        .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, xml.length);
        exchange.getResponseBody().write(xml);
    }

    @Override
    public void close() {
        server.close();
    }
}
