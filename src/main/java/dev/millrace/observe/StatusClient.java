package dev.millrace.observe;

import dev.millrace.job.LimitedLog;
import dev.millrace.resource.Deadline;
import dev.millrace.serve.BrowserGuard;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the status port: reads the head of its request, answers, hangs up. Runs on a
 * virtual thread; the server ends it where it takes too long, by closing the socket that it owns.
 */
final class StatusClient implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusClient.class);
    private static final LimitedLog FAILURES = new LimitedLog(LOG);
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final int MAX_HEAD_BYTES = 8 << 10;
    static final String DRAIN = "/drain";
    private static final String CONFIRM = "Millrace-Request";

    /** RFC 9112 ends a line with both; a proxy may read a head with one of them otherwise. */
    private static final Pattern BARE_END = Pattern.compile("\\r(?!\\n)|(?<!\\r)\\n");

    private static final String TOO_LARGE = "too large";

    private final Socket socket;
    private final Map<String, Function<StatusClient, Answer>> pages;
    private final BrowserGuard guard;
    private final Consumer<StatusClient> left;
    private volatile Deadline deadline = Deadline.in(TIME);
    private volatile boolean waiting;
    private String head = "";

    /**
     * A status, and a body.
     *
     * @param headers beside the usual ones, each with its line's end
     */
    record Answer(int status, String type, String headers, byte[] body) {
        Answer(int status, String type, byte[] body) {
            this(status, type, "", body);
        }

        static Answer plain(int status, String text) {
            return text(status, "text/plain; charset=utf-8", text);
        }

        static Answer text(int status, String type, String text) {
            return new Answer(status, type, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * @param pages what is behind the paths; asked on the client's thread
     * @param guard says which web pages may ask
     * @param left is told when the client is gone
     */
    StatusClient(
            Socket socket,
            Map<String, Function<StatusClient, Answer>> pages,
            BrowserGuard guard,
            Consumer<StatusClient> left) {
        this.socket = socket;
        this.pages = pages;
        this.guard = guard;
        this.left = left;
    }

    @Override
    public void run() {
        try (socket) {
            Optional<String> line = requestLine(socket.getInputStream());
            if (line.isPresent()) {
                boolean bodyless = line.get().startsWith("HEAD ");
                write(answer(line.get()), bodyless);
            }
        } catch (IOException e) {
            // It went away, or was hung up on.
        } finally {
            left.accept(this);
        }
    }

    /** Its first line, once the head is whole; empty where the client went away before that. */
    private Optional<String> requestLine(InputStream in) throws IOException {
        byte[] bytes = new byte[MAX_HEAD_BYTES];
        int length = 0;
        while (length < bytes.length) {
            int read = in.read(bytes, length, bytes.length - length);
            if (read < 0) {
                return Optional.empty();
            }
            length += read;
            if (hasBlankLine(bytes, length - read, length)) {
                head = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
                if (BARE_END.matcher(head).find()) {
                    return Optional.of("");
                }
                return Optional.of(head.lines().findFirst().orElse("").strip());
            }
        }
        return Optional.of(TOO_LARGE);
    }

    /** Whether it says in its header {@code Accept} that it takes this type. */
    boolean accepts(String type) {
        return header("Accept")
                .filter(types -> types.toLowerCase(Locale.ROOT).contains(type))
                .isPresent();
    }

    /** All values of a header, as one would be sent that has them; empty where there is none. */
    private Optional<String> header(String name) {
        String start = name + ":";
        return head.lines()
                .skip(1)
                .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
                .map(line -> line.substring(start.length()).strip())
                .reduce((one, next) -> one + ", " + next);
    }

    /** Whether one ends in this range. */
    private static boolean hasBlankLine(byte[] head, int from, int to) {
        for (int i = Math.max(1, from); i < to; i++) {
            int before = head[i - 1] == '\r' && i > 1 ? i - 2 : i - 1;
            if (head[i] == '\n' && head[before] == '\n') {
                return true;
            }
        }
        return false;
    }

    private Answer answer(String line) {
        if (line.equals(TOO_LARGE)) {
            return Answer.plain(431, "the head of the request is too large\n");
        }
        String[] words = line.split(" ");
        if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
            return Answer.plain(
                    400, "the request is not HTTP/1.1; send one such as GET /metrics HTTP/1.1\n");
        }
        int query = words[1].indexOf('?');
        String path = query < 0 ? words[1] : words[1].substring(0, query);
        Optional<String> foreign = guard.refusal(words[0], path, this::header);
        if (foreign.isPresent()) {
            return Answer.plain(403, foreign.get() + "\n");
        }
        Function<StatusClient, Answer> page = pages.get(path);
        if (page == null) {
            return Answer.plain(
                    404,
                    "there is nothing at this path; open / in a browser, or ask for /status.json, /metrics, /v2/health/live or /v2/health/ready\n");
        }
        if (path.equals(DRAIN)) {
            if (!words[0].equals("POST")) {
                return Answer.plain(
                        405,
                        "a drain is asked for by POST; send it as in: curl -X POST -H 'Millrace-Request: drain' URL\n");
            }
            if (header(CONFIRM).filter("drain"::equals).isEmpty()) {
                return Answer.plain(
                        403,
                        "the header 'Millrace-Request: drain' is missing, which no web page can send by a form; add it\n");
            }
        } else if (!words[0].equals("GET") && !words[0].equals("HEAD")) {
            return Answer.plain(405, "this method is not allowed; use GET\n");
        }
        try {
            return page.apply(this);
        } catch (RuntimeException | Error e) {
            FAILURES.warn("a request to the status port failed: " + LimitedLog.reason(e));
            return Answer.plain(500, "the worker failed to answer\n");
        }
    }

    private void write(Answer answer, boolean bodyless) throws IOException {
        byte[] body = answer.body();
        String first =
                "HTTP/1.1 %s %s\r\nContent-Type: %s\r\nContent-Length: %s\r\n%sConnection: close\r\n\r\n"
                        .formatted(
                                answer.status(),
                                reason(answer.status()),
                                answer.type(),
                                body.length,
                                answer.headers());
        // Two writes, of which the second must not wait until the first has arrived.
        socket.setTcpNoDelay(true);
        OutputStream out = socket.getOutputStream();
        out.write(first.getBytes(StandardCharsets.US_ASCII));
        if (!bodyless) {
            out.write(body);
        }
        socket.shutdownOutput();
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 431 -> "Request Header Fields Too Large";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }

    /** Waits for as long as it takes; then the client has the usual time. */
    void await(CompletableFuture<Void> end) {
        waiting = true;
        end.join();
        deadline = Deadline.in(TIME);
        waiting = false;
    }

    boolean isWaiting() {
        return waiting;
    }

    boolean isOverdue() {
        return !waiting && deadline.passed();
    }

    void hangUp() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone.
        }
    }
}
