package dev.millrace.worker;

import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the metadata service of EC2 every few seconds whether the machine will be taken away
 * (IMDSv2: a token by PUT, then a GET with it; 404 means no). On a machine without the service it
 * tries a few times, says so once and asks no more. Works on the thread {@code spot}.
 */
final class SpotWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpotWatcher.class);

    /** AWS recommends to look every 5 s; the notice comes two minutes before the end. */
    private static final Duration EVERY = Duration.ofSeconds(4);

    /** The service is on the machine itself. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    /** A busy machine's first answers may be late; elsewhere nobody ever answers. */
    private static final int TRIES = 5;

    private static final int TOKEN_SECONDS = 21_600;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
    private final URI endpoint;
    private final Consumer<String> notice;
    private final DutyThread thread;
    private String token = "";
    private boolean answers = true;
    private int refusals;

    /**
     * @param notice is told once, with what the service says
     * @param duties gives it its thread
     */
    SpotWatcher(URI endpoint, Consumer<String> notice, Duties duties) {
        this(endpoint, notice, duties, EVERY);
    }

    SpotWatcher(URI endpoint, Consumer<String> notice, Duties duties, Duration every) {
        this.endpoint = endpoint;
        this.notice = notice;
        this.thread = duties.thread("spot", this::turn, every.toNanos(), TIMEOUT.multipliedBy(3));
    }

    void start() {
        thread.start();
    }

    private Turn turn(long nowNs) throws InterruptedException {
        try {
            if (token.isEmpty()) {
                renewToken();
                return Turn.WORKED;
            }
            Optional<String> action = action();
            answers = true;
            action.map(String::strip).ifPresent(notice);
            return action.isPresent() ? Turn.DONE : Turn.IDLE;
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            if (token.isEmpty() && ++refusals < TRIES) {
                return Turn.IDLE;
            }
            if (token.isEmpty()) {
                LOG.info(
                        "spot notices are not watched, since {} is not a metadata service of EC2 ({})",
                        endpoint,
                        why);
                return Turn.DONE;
            }
            if (answers) {
                LOG.warn("{} does not answer, and the worker keeps asking: {}", endpoint, why);
            }
            answers = false;
            return Turn.IDLE;
        }
    }

    private void renewToken() throws IOException, InterruptedException {
        HttpResponse<String> answer =
                send(
                        request("/latest/api/token")
                                .header(
                                        "X-aws-ec2-metadata-token-ttl-seconds",
                                        Integer.toString(TOKEN_SECONDS))
                                .PUT(HttpRequest.BodyPublishers.noBody()));
        if (answer.statusCode() != 200) {
            throw new IOException("a token was refused with status " + answer.statusCode());
        }
        if (!isHeaderValue(answer.body())) {
            throw new IOException("the answer holds no token");
        }
        token = answer.body();
    }

    /** What answers there may be anybody, and the client throws for what it cannot send. */
    private static boolean isHeaderValue(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    /** What will happen to the machine, if anything will. */
    private Optional<String> action() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask();
        if (answer.statusCode() == UNAUTHORIZED) {
            // The token has expired.
            renewToken();
            answer = ask();
        }
        return switch (answer.statusCode()) {
            case 200 -> Optional.of(answer.body());
            case NOT_FOUND -> Optional.empty();
            default -> throw new IOException("status " + answer.statusCode());
        };
    }

    private HttpResponse<String> ask() throws IOException, InterruptedException {
        return send(
                request("/latest/meta-data/spot/instance-action")
                        .header("X-aws-ec2-metadata-token", token));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(endpoint.resolve(path)).timeout(TIMEOUT);
    }

    private HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        thread.cancel();
        http.shutdownNow();
    }
}
