package dev.millrace.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store that speaks like S3 and refuses a wrong signature. A bucket is in the path, or in the
 * host before {@code .s3.REGION.}. It keeps a log of the requests that came, those it refused
 * included.
 */
public final class ObjectServer implements AutoCloseable {
    /** Who may read. */
    public static final String KEY_ID = "AKIDMILLRACE";

    public static final String SECRET = "secret/of+the=test";

    private static final Pattern AUTHORIZATION =
            Pattern.compile(
                    "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})");
    private static final Pattern VIRTUAL = Pattern.compile("(.+)\\.s3\\.([a-z0-9-]+)\\..*");
    private static final DateTimeFormatter AMZ =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final List<Request> log = new CopyOnWriteArrayList<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final Set<String> expired = ConcurrentHashMap.newKeySet();

    /** A request that came. */
    public record Request(String target, String host, Map<String, String> headers, int status) {}

    /** What is answered for one key. */
    public record Reply(int status, Map<String, String> headers, byte[] body) {
        /** An image. */
        public static Reply of(byte[] body, String etag) {
            return new Reply(200, Map.of("ETag", '"' + etag + '"'), body);
        }

        /** As the store words it. */
        public static Reply error(int status, String code, String rest) {
            String xml =
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>%s<RequestId>4442587FB7D0A2F9</RequestId></Error>"
                            .formatted(code, rest);
            return new Reply(
                    status, Map.of("Content-Type", "application/xml"), xml.getBytes(UTF_8));
        }

        Reply with(String name, String value) {
            Map<String, String> more = new TreeMap<>(headers);
            more.put(name, value);
            return new Reply(status, more, body);
        }
    }

    private record Bucket(
            String region, String owner, boolean tellsInHeader, Map<String, Reply> objects) {}

    public ObjectServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /**
     * @param tellsInHeader whether a request for another region is told of this one by 301 and a
     *     header, instead of 400 and XML
     */
    public void bucket(String name, String region, String owner, boolean tellsInHeader) {
        buckets.put(name, new Bucket(region, owner, tellsInHeader, new ConcurrentHashMap<>()));
    }

    /** A key with {@code ?versionId=…} is a version. */
    public void put(String bucket, String key, Reply reply) {
        buckets.get(bucket).objects.put(key, reply);
    }

    /** From now on a session token is needed, this or one that was named before. */
    public void needsToken(String token) {
        tokens.add(token);
    }

    public void expire(String token) {
        expired.add(token);
    }

    /** Those that came, in their order. */
    public List<Request> log() {
        return List.copyOf(log);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new TreeMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, v) -> headers.put(name.toLowerCase(Locale.ROOT), v.getFirst()));
            String target = exchange.getRequestURI().toString();
            byte[] body = exchange.getRequestBody().readAllBytes();
            Reply reply = reply(exchange.getRequestMethod(), target, headers, body);
            log.add(new Request(target, headers.get("host"), headers, reply.status));
            Headers out = exchange.getResponseHeaders();
            reply.headers.forEach(out::set);
            exchange.sendResponseHeaders(
                    reply.status, reply.body.length == 0 ? -1 : reply.body.length);
            exchange.getResponseBody().write(reply.body);
        }
    }

    private Reply reply(String method, String target, Map<String, String> headers, byte[] body) {
        String[] parts = target.split("\\?", 2);
        Matcher signed = AUTHORIZATION.matcher(headers.getOrDefault("authorization", ""));
        if (!signed.matches() || !signed.group(1).equals(KEY_ID)) {
            return Reply.error(403, "InvalidAccessKeyId", "");
        }
        Matcher virtual = VIRTUAL.matcher(headers.get("host"));
        String path = SigV4.decoded(parts[0]).substring(1);
        int slash = path.indexOf('/');
        boolean inHost = virtual.matches();
        Bucket bucket = buckets.get(inHost ? virtual.group(1) : path.substring(0, slash));
        if (bucket == null) {
            return Reply.error(404, "NoSuchBucket", "");
        }
        String time = headers.get("x-amz-date");
        Optional<Reply> refused = unsigned(method, parts, headers, signed, time, bucket);
        if (refused.isPresent()) {
            return refused.get();
        }
        String owner = headers.getOrDefault("x-amz-expected-bucket-owner", bucket.owner);
        if (!owner.equals(bucket.owner)) {
            return Reply.error(403, "AccessDenied", "<Message>Access Denied</Message>");
        }
        String key = inHost ? path : path.substring(slash + 1);
        if (method.equals("PUT")) {
            String said = headers.get("x-amz-content-sha256");
            if (!said.equals("UNSIGNED-PAYLOAD") && !said.equals(SigV4.hash(body))) {
                return Reply.error(400, "XAmzContentSHA256Mismatch", "");
            }
            bucket.objects.put(key, Reply.of(body, SigV4.hash(body)));
            return new Reply(200, Map.of(), new byte[0]);
        }
        if (key.isEmpty() && parts.length == 2) {
            return page(bucket, parts[1]);
        }
        Reply reply = bucket.objects.get(parts.length == 2 ? key + "?" + parts[1] : key);
        if (reply == null) {
            return Reply.error(404, "NoSuchKey", "");
        }
        String etag = headers.getOrDefault("if-match", reply.headers.getOrDefault("ETag", ""));
        return etag.equals(reply.headers.getOrDefault("ETag", ""))
                ? reply
                : Reply.error(412, "PreconditionFailed", "<Condition>If-Match</Condition>");
    }

    /** Two objects of the list, from the one that the token names. */
    private static Reply page(Bucket bucket, String query) {
        Map<String, String> asked = new TreeMap<>();
        for (String pair : query.split("&")) {
            String[] both = pair.split("=", 2);
            asked.put(both[0], SigV4.decoded(both[1]));
        }
        String prefix = asked.get("prefix");
        String token = asked.getOrDefault("continuation-token", "+/=");
        String from = new String(Base64.getDecoder().decode(token.substring(3)), UTF_8);
        List<Map.Entry<String, Reply>> rest =
                new TreeMap<>(bucket.objects)
                        .entrySet().stream()
                                .filter(object -> object.getKey().startsWith(prefix))
                                .filter(object -> object.getKey().compareTo(from) >= 0)
                                .toList();
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.append("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        xml.append("<Prefix>x</Prefix><EncodingType>url</EncodingType>");
        for (Map.Entry<String, Reply> object : rest.subList(0, Math.min(2, rest.size()))) {
            xml.append(
                    "<Contents><Key>%s</Key><ETag>&quot;e&quot;</ETag><Size>%d</Size></Contents>"
                            .formatted(
                                    URLEncoder.encode(object.getKey(), UTF_8),
                                    object.getValue().body.length));
        }
        xml.append("<IsTruncated>%s</IsTruncated>".formatted(rest.size() > 2));
        if (rest.size() > 2) {
            byte[] key = rest.get(2).getKey().getBytes(UTF_8);
            String encoded = Base64.getEncoder().encodeToString(key);
            // A token is anything, and has to be encoded.
            xml.append("<NextContinuationToken>+/=%s".formatted(encoded));
            xml.append("</NextContinuationToken>");
        }
        return new Reply(
                200, Map.of(), xml.append("</ListBucketResult>").toString().getBytes(UTF_8));
    }

    /** Why the request is not signed as it must be, if it is not. */
    private Optional<Reply> unsigned(
            String method,
            String[] parts,
            Map<String, String> headers,
            Matcher signed,
            String time,
            Bucket bucket) {
        String region = signed.group(3);
        List<String> names = List.of(signed.group(4).split(";"));
        String expected =
                new SigV4(
                                method,
                                parts[0],
                                parts.length == 2 ? parts[1] : null,
                                headers,
                                names,
                                time,
                                region)
                        .signature(SECRET);
        boolean allSigned =
                names.contains("host")
                        && headers.keySet().stream()
                                .filter(
                                        name ->
                                                name.startsWith("x-amz-")
                                                        || name.equals("if-match"))
                                .allMatch(names::contains);
        if (!expected.equals(signed.group(5)) || !allSigned) {
            return Optional.of(Reply.error(403, "SignatureDoesNotMatch", ""));
        }
        Instant when = Instant.from(AMZ.parse(time));
        if (Duration.between(when, Instant.now()).abs().toMinutes() >= 15) {
            return Optional.of(Reply.error(403, "RequestTimeTooSkewed", ""));
        }
        String token = headers.getOrDefault("x-amz-security-token", "");
        if (expired.contains(token)) {
            return Optional.of(Reply.error(400, "ExpiredToken", ""));
        }
        if (!tokens.isEmpty() && !tokens.contains(token)) {
            return Optional.of(Reply.error(400, "InvalidToken", ""));
        }
        if (!region.equals(bucket.region)) {
            return Optional.of(
                    bucket.tellsInHeader
                            ? Reply.error(301, "PermanentRedirect", "")
                                    .with("x-amz-bucket-region", bucket.region)
                            : Reply.error(
                                    400,
                                    "AuthorizationHeaderMalformed",
                                    "<Region>" + bucket.region + "</Region>"));
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
