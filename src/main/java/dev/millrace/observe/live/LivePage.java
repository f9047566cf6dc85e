package dev.millrace.observe.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.observe.StatusServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Answers for the page and for {@code /status.json}. The figures are computed when somebody asks,
 * once a second however many ask, and are those of the seconds before. Called by the threads of
 * clients.
 */
public final class LivePage {
    /** What a browser may load for the page: its own files. It goes with each of them. */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final String HEADERS =
            "Content-Security-Policy: "
                    + CONTENT_SECURITY_POLICY
                    + "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer"
                    + "\r\nCross-Origin-Resource-Policy: same-origin\r\nCache-Control: no-store\r\n";

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    /** In the page, where the tables go. */
    private static final String PLACE = "<!--FIGURES-->";

    /** Files that the page of the serving port has, too. */
    private static final String SHARED = "/dev/millrace/serve/page/";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(1);

    /** The figures are those of so long a time, or a little longer. */
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(5);

    /** A reading before that says nothing of now. */
    private static final long MOST_WINDOW_NS = TimeUnit.SECONDS.toNanos(12);

    private final Supplier<Life> life;
    private final String page = new String(file("live.html"), StandardCharsets.UTF_8);
    private final Deque<Reading> readings = new ArrayDeque<>();
    private LiveParts parts;
    private Reading first;
    private ObjectNode status;
    private long madeNs;
    private byte[] json;
    private byte[] html;

    /**
     * Puts the page on a server.
     *
     * @param life of the worker now
     */
    public LivePage(StatusServer server, Supplier<Life> life) {
        this.life = life;
        server.page("/", HTML, HEADERS, this::html);
        server.page("/status.json", "application/json", HEADERS, this::json);
        put(server, "/live.css", "text/css; charset=utf-8", file("live.css"));
        for (String script : new String[] {"live.js", "path.js", "cards.js", "words.js"}) {
            put(server, "/" + script, SCRIPT, file(script));
        }
        put(server, "/dom.js", SCRIPT, file(SHARED + "dom.js"));
        put(server, "/page.svg", "image/svg+xml", file(SHARED + "page.svg"));
    }

    private static void put(StatusServer server, String path, String type, byte[] body) {
        server.page(path, type, HEADERS, () -> body);
    }

    private static byte[] file(String name) {
        try (InputStream in = LivePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on there is something to measure. */
    public synchronized void show(LiveParts all) {
        first = Reading.of(all);
        parts = all;
        status = null;
    }

    synchronized byte[] json() {
        look();
        if (json == null) {
            try {
                json = JSON.writeValueAsBytes(status);
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }
        return json;
    }

    synchronized byte[] html() {
        look();
        if (html == null) {
            html = page.replace(PLACE, Figures.html(status)).getBytes(StandardCharsets.UTF_8);
        }
        return html;
    }

    /** Unless somebody looked a moment ago. */
    private void look() {
        long nowNs = System.nanoTime();
        if (status != null && nowNs - madeNs < KEPT_NS) {
            return;
        }
        status = parts == null ? StatusDocument.ofLife(life.get()) : measured();
        json = null;
        html = null;
        madeNs = nowNs;
    }

    private ObjectNode measured() {
        Reading now = Reading.of(parts);
        while (!readings.isEmpty() && age(readings.getFirst(), now) > MOST_WINDOW_NS) {
            readings.removeFirst();
        }
        boolean sinceStart = readings.isEmpty();
        while (readings.size() > 1 && age(second(), now) >= WINDOW_NS) {
            readings.removeFirst();
        }
        Reading from = sinceStart ? first : readings.getFirst();
        readings.addLast(now);
        return new StatusDocument(parts, life.get(), from, now, sinceStart).json();
    }

    private Reading second() {
        return readings.stream().skip(1).findFirst().orElseThrow();
    }

    private static long age(Reading then, Reading now) {
        return now.totals().nowNs() - then.totals().nowNs();
    }
}
