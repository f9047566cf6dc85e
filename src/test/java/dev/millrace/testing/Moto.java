package dev.millrace.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * moto, an implementation of AWS that is not ours: S3, SQS, SNS, EventBridge and STS in one process
 * on a port of this machine. Ends with this one.
 */
public final class Moto implements AutoCloseable {
    public static final String REGION = "eu-central-1";
    public static final String ACCOUNT = "123456789012";

    private static final String MISSING =
            "moto is not installed: no python3 here imports moto.server with flask and flask_cors (Debian: apt-get install python3-moto python3-flask python3-flask-cors)";

    private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");
    private static final String IMPORTS = "import flask, flask_cors, moto.server";

    /** Python reads 10 MB of sources first, and others may have the cores. */
    private static final int START_SECONDS = 120;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final Path output;
    private final URI endpoint;

    private Moto(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.endpoint = URI.create("http://127.0.0.1:" + port);
    }

    /** Skips a class, with one line, where this machine has none. */
    public static void require(Class<?> tests) throws IOException, InterruptedException {
        if (python().isEmpty()) {
            System.out.println(tests.getSimpleName() + " was not run: " + MISSING);
            Assumptions.abort(MISSING);
        }
    }

    /** The Python that has it, or nothing. */
    private static String python() throws IOException, InterruptedException {
        for (String python : PYTHONS) {
            try {
                Process tried =
                        new ProcessBuilder(python, "-c", IMPORTS)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start();
                if (tried.waitFor(START_SECONDS, TimeUnit.SECONDS) && tried.exitValue() == 0) {
                    return python;
                }
                tried.destroyForcibly();
            } catch (IOException e) {
                // There is no such program.
                continue;
            }
        }
        return "";
    }

    /**
     * Starts it.
     *
     * @param folder for its output
     * @param session how long the credentials of a role are good for
     */
    public static Moto start(Path folder, Duration session)
            throws IOException, InterruptedException {
        int port = FreePort.find();
        Path output = folder.resolve("moto.log");
        Process process =
                new ProcessBuilder(
                                python(),
                                "src/test/resources/moto/server.py",
                                Integer.toString(port),
                                Long.toString(session.toSeconds()))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        Moto moto = new Moto(process, output, port);
        Loopback.awaitUntil(
                () -> !process.isAlive() || moto.answers(), START_SECONDS, moto::output);
        if (!process.isAlive()) {
            throw new AssertionError("moto ended: " + moto.output());
        }
        return moto;
    }

    private boolean answers() {
        try {
            return http.send(
                                    HttpRequest.newBuilder(endpoint.resolve("/moto-api/")).build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Such as {@code moto 5.1.1}. */
    public String name() {
        return "moto " + output().lines().findFirst().orElse("").replace("moto: ", "");
    }

    public URI endpoint() {
        return endpoint;
    }

    /** What it has written. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /**
     * The access keys that requests were signed with, each once, in their order.
     *
     * @param request the service, and the method or the name of what was asked
     */
    public List<String> signers(String request) {
        String start = "signed: " + request + " ";
        return output().lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .distinct()
                .toList();
    }

    /** A bucket of this region. */
    public void createBucket(String name) throws IOException, InterruptedException {
        put(
                "/" + name,
                "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>"
                        .formatted(REGION)
                        .getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Has a bucket announce each object that is put into it.
     *
     * @param target XML, such as a {@code QueueConfiguration}
     */
    public void announce(String bucket, String target) throws IOException, InterruptedException {
        String xml = "<NotificationConfiguration>%s</NotificationConfiguration>".formatted(target);
        put("/" + bucket + "?notification", xml.getBytes(StandardCharsets.UTF_8));
    }

    /** Uploads an object, of whatever key. */
    public void upload(String bucket, String key, byte[] bytes)
            throws IOException, InterruptedException {
        String path = URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
        put("/" + bucket + "/" + path.replace("%2F", "/"), bytes);
    }

    private void put(String path, byte[] body) throws IOException, InterruptedException {
        send(request(path, "s3").PUT(BodyPublishers.ofByteArray(body)).build());
    }

    /** Asks a service that speaks JSON, such as {@code AWSEvents.PutRule}. */
    public String json(String service, String target, String body)
            throws IOException, InterruptedException {
        return send(
                request("/", service)
                        .header("Content-Type", "application/x-amz-json-1.1")
                        .header("X-Amz-Target", target)
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }

    /** Asks a service that speaks the query protocol. */
    public String query(String service, Map<String, String> parameters)
            throws IOException, InterruptedException {
        List<String> pairs =
                parameters.entrySet().stream()
                        .map(
                                it ->
                                        it.getKey()
                                                + "="
                                                + URLEncoder.encode(
                                                        it.getValue(), StandardCharsets.UTF_8))
                        .toList();
        return send(
                request("/", service)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(String.join("&", pairs)))
                        .build());
    }

    /** It looks for the service and the region in what a signature is for, and at no signature. */
    private HttpRequest.Builder request(String path, String service) {
        return HttpRequest.newBuilder(endpoint.resolve(path))
                .timeout(Duration.ofSeconds(START_SECONDS))
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=key/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=none"
                                .formatted(REGION, service));
    }

    private String send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new AssertionError(
                    request + " was answered with " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        http.close();
    }
}
