package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.RawCaller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A worker on somebody's own machine, as the browser there reaches it for the pages of others. */
class WebPagesIT {
    private static final String SAME = "Sec-Fetch-Site: same-origin";
    private static CallerScene scene;

    @BeforeAll
    static void start() {
        scene = new CallerScene("colors");
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    private static int serving() {
        return scene.worker.servePort().orElseThrow();
    }

    private static int status() {
        return scene.worker.httpPort().orElseThrow();
    }

    private static RawCaller.Answer ask(int port, String line, String host, String... headers)
            throws IOException {
        byte[] photo = line.startsWith("POST") ? CallerScene.photo() : new byte[0];
        String head =
                line
                        + " HTTP/1.1\r\nConnection: close\r\nContent-Type: image/jpeg\r\nHost: "
                        + host
                        + "\r\nContent-Length: "
                        + photo.length
                        + "\r\n"
                        + String.join(
                                "", List.of(headers).stream().map(one -> one + "\r\n").toList())
                        + "\r\n";
        try (RawCaller caller = new RawCaller(port)) {
            caller.send(head.getBytes(StandardCharsets.US_ASCII)).send(photo);
            return caller.answer();
        }
    }

    private static void requireRefused(int port, String line, String host, String... headers)
            throws IOException {
        RawCaller.Answer answer = ask(port, line, host, headers);
        String what = port + ": " + line + " " + host + " " + List.of(headers);
        assertEquals(403, answer.status(), what);
        String key = port == status() ? "http.allowedHosts" : "serve.allowedHosts";
        assertTrue(answer.text().contains(key), answer::text);
    }

    /** What computes, and what tells something. */
    private static List<String> served() {
        return List.of(
                "POST /v2/models/colors/infer", "GET /v2/models", "GET /v2/models/colors", "GET /");
    }

    private static List<String> observed() {
        return List.of("GET /status.json", "GET /metrics", "GET /");
    }

    @Test
    void aNameThatWasMadeToLeadHereGetsNothing() throws Exception {
        for (String host : List.of("evil.example", "evil.example:80", "localhost.evil.example")) {
            for (String line : served()) {
                requireRefused(serving(), line, host);
                // The page is of that name, so that the browser takes it for one origin.
                requireRefused(serving(), line, host, "Origin: http://" + host, SAME);
            }
            for (String line : observed()) {
                requireRefused(status(), line, host);
            }
        }
    }

    @Test
    void aPageOfAnotherOriginGetsNothing() throws Exception {
        for (String foreign :
                List.of(
                        "Origin: http://evil.example",
                        "Origin: https://127.0.0.1",
                        "Origin: http://127.0.0.1:1",
                        "Origin: null",
                        "Sec-Fetch-Site: cross-site",
                        "Sec-Fetch-Site: same-site")) {
            for (String line : served()) {
                requireRefused(serving(), line, "127.0.0.1:" + serving(), foreign);
            }
            for (String line : observed()) {
                requireRefused(status(), line, "127.0.0.1:" + status(), foreign);
            }
        }
    }

    @Test
    void itsOwnPageAndProgramsAreAnswered() throws Exception {
        for (String name : List.of("127.0.0.1", "localhost", "LOCALHOST", "[::1]", "10.1.2.3")) {
            String host = name + ":" + serving();
            for (String line : served()) {
                assertEquals(200, ask(serving(), line, host).status(), line + " " + host);
                assertEquals(
                        200, ask(serving(), line, host, "Origin: http://" + host, SAME).status());
            }
            for (String line : observed()) {
                String at = name + ":" + status();
                assertEquals(200, ask(status(), line, at).status(), line + " " + at);
                assertEquals(200, ask(status(), line, at, "Origin: http://" + at, SAME).status());
            }
        }
    }

    @Test
    void aLinkOfAnotherPageCanBeFollowed() throws Exception {
        String[] visit = {
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"
        };
        assertEquals(200, ask(serving(), "GET /", "localhost", visit).status());
        assertEquals(200, ask(status(), "GET /", "localhost", visit).status());
        requireRefused(serving(), "POST /v2/models/colors/infer", "localhost", visit);
    }

    @Test
    void healthIsAnsweredWhateverAProbeCallsIt() throws Exception {
        for (int port : List.of(serving(), status())) {
            assertEquals(200, ask(port, "GET /v2/health/live", "worker.example").status());
            assertEquals(200, ask(port, "GET /v2/health/ready", "worker.example").status());
        }
    }
}
