package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.testing.RawCaller;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Callers that keep to no rule of HTTP. What is smuggled behind a request is answered by nobody,
 * and each that can be answered is told of its mistake as JSON.
 */
class HostileCallersIT {
    private static final String INFER =
            "POST /v2/models/safety/infer HTTP/1.1\r\nHost: localhost\r\n";
    private static final String LIVE = "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static CallerScene scene;

    @BeforeAll
    static void start() {
        scene = new CallerScene("safety");
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    private static RawCaller caller() throws IOException {
        return new RawCaller(scene.at("/").getPort());
    }

    private static void assertServing() throws Exception {
        assertEquals(200, scene.infer("safety", CallerScene.photo()).statusCode());
    }

    /** A proxy before it may read such a head as another one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v2 HTTP/1.1\nHost: localhost\n\n",
                "GET /v2 HTTP/1.1\r\nHost: localhost\n\r\n",
                "GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: y\nZ: a\r\n\r\n"
            })
    void aLineThatDoesNotEndAsLinesDoIsRefused(String request) throws Exception {
        try (RawCaller caller = caller()) {
            assertEquals(400, caller.send(request).answer().status());
        }
    }

    /**
     * Two readings of one head: a proxy in front may take the one and the worker the other, and
     * what is a body for one is a request for the other.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5|Content-Length: 6",
                "Content-Length: 6|Content-Length: 5",
                "Content-Length: 5, 6",
                "Content-Length: 5|Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked|Content-Length: 5",
                "Transfer-Encoding: chunked|Content-Length: 0",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity, chunked|Content-Length: 5",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunked|Transfer-Encoding: identity",
                "Transfer-Encoding : chunked",
                "Content-Length : 5",
                " Content-Length: 5",
                "Content-Length: +5",
                "Content-Length: -5",
                "Content-Length: 0x5",
                "Content-Length: 5 5",
                "Content-Length: ",
                "Content-Length: 99999999999999999999",
                "Content-Length: 18446744073709551621",
                "X: a|\tContent-Length: 5",
                "Content-Length: 5|Host: b",
                "Content\u0000Length: 5",
                "Content-Length: 5\u0000",
            })
    void aRequestOfTwoReadingsIsRefused(String headers) throws Exception {
        try (RawCaller caller = caller()) {
            caller.send(INFER + headers.replace("|", "\r\n") + "\r\n\r\n0\r\n\r\n" + LIVE + LIVE);
            RawCaller.Answer answer = caller.answer();
            assertTrue(
                    answer.status() == 400 || answer.status() == 501,
                    answer.status() + " " + answer.text());
            assertTrue(JSON.readTree(answer.body()).path("error").isTextual());
            assertEquals("close", answer.header("Connection").orElse("").toLowerCase());
            assertTrue(caller.isHungUpWithin(5000), "the connection stays");
        }
        assertServing();
    }

    /** Each is told what is wrong, or hung up on; the worker goes on. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1|\n|\n",
                "GET /%zz HTTP/1.1|Host: localhost||",
                "GET /../../etc/passwd HTTP/1.1|Host: localhost||",
                "GET /v2/models/%2e%2e/infer HTTP/1.1|Host: localhost||",
                "GET /v2/models/safety%00 HTTP/1.1|Host: localhost||",
                "GET /v2/models/a%2Fb HTTP/1.1|Host: localhost||",
                "GET http://b/v2/health/live HTTP/1.1|Host: localhost||",
                "GET * HTTP/1.1|Host: localhost||",
                "CONNECT a:80 HTTP/1.1|Host: localhost||",
                "TRACE /v2 HTTP/1.1|Host: localhost||",
                "PRI * HTTP/2.0||SM||",
                "GET /v2 HTTP/9.9|Host: localhost||",
                "GET /v2 HTTP/1.1||",
                "GET /v2 HTTP/1.1|Host: localhost|Host: b||",
                "GET /v2 HTTP/1.1|Host: a b||",
                "GET /v2",
                "|||||||||",
                "POST /v2/models/safety/infer?format=%zz HTTP/1.1|Host: localhost|Content-Length: 1||x",
                "POST /v2/models/safety/infer HTTP/1.1|Host: localhost|Expect: 200-ok|Content-Length: 1||x",
                "POST /v2/models/safety/infer HTTP/1.1|Host: localhost|Content-Length: 1|Upgrade: h2c|Connection: Upgrade||x",
                "POST /v2/models/safety/infer HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||zz||x",
                "POST /v2/models/safety/infer HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||ffffffffffffffff||x",
                "POST /v2/models/safety/infer HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||-1||x",
                "POST /v2/models/safety/infer HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||1|xy|0||",
            })
    void nonsenseIsRefused(String request) throws Exception {
        try (RawCaller caller = caller()) {
            caller.send(request.replace("|", "\r\n"));
            caller.socket.shutdownOutput();
            try {
                RawCaller.Answer answer = caller.answer();
                assertTrue(
                        answer.status() >= 400 && answer.status() <= 505,
                        answer.status() + " " + answer.text());
                assertTrue(answer.status() != 500, answer.text());
            } catch (EOFException | SocketException e) {
                // It hung up, which is an answer, too.
            }
        }
        assertServing();
    }

    @Test
    void aQueryThatIsNoneIsRefusedBeforeAnythingIsComputed() throws Exception {
        try (RawCaller caller = caller()) {
            String head = INFER.replace("/infer", "/infer?format=%zz");
            RawCaller.Answer answer = caller.send(head + "Content-Length: 1\r\n\r\nx").answer();
            assertEquals(400, answer.status());
            assertEquals("malformed", answer.header("Millrace-Error-Kind").orElse(""));
            assertTrue(answer.text().contains("query"), answer.text());
        }
    }

    @Test
    void randomBytesAndTls() throws Exception {
        SplittableRandom random = new SplittableRandom(20261128);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(bytes);
            if (i % 4 == 0) {
                byte[] hello = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
                System.arraycopy(hello, 0, bytes, 0, Math.min(bytes.length, hello.length));
            }
            try (RawCaller caller = caller()) {
                caller.send(bytes);
                caller.socket.shutdownOutput();
                assertTrue(caller.isHungUpWithin(5000), "input " + i);
            } catch (SocketException e) {
                // It hung up while this was written.
            }
        }
        assertServing();
    }

    @ParameterizedTest
    @CsvSource({"16000, 1, 431", "100, 500, 431", "1, 3000, 431"})
    void headsHaveAnEnd(int length, int lines, int status) throws Exception {
        try (RawCaller caller = caller()) {
            StringBuilder head = new StringBuilder("GET /v2 HTTP/1.1\r\nHost: localhost\r\n");
            for (int i = 0; i < lines; i++) {
                head.append("X").append(i).append(": ").append("y".repeat(length)).append("\r\n");
            }
            caller.send(head + "\r\n");
            assertEquals(status, caller.answer().status());
            assertTrue(caller.isHungUpWithin(5000));
        }
        try (RawCaller caller = caller()) {
            caller.send("GET /" + "a".repeat(16_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            int uri = caller.answer().status();
            assertTrue(uri == 414 || uri == 431, "" + uri);
        }
        assertServing();
    }

    /** Answers come in the order of the requests, and each is that of its own. */
    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        byte[] photo = CallerScene.photo();
        String head = INFER + "Content-Type: image/jpeg\r\nContent-Length: " + photo.length;
        try (RawCaller caller = caller()) {
            for (int i = 0; i < 4; i++) {
                caller.send(head + "\r\n\r\n").send(photo).send(LIVE);
                caller.send("GET /nothing/" + i + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            for (int i = 0; i < 4; i++) {
                assertTrue(caller.answer().text().contains("\"verdict\""));
                assertTrue(caller.answer().text().contains("\"live\""));
                RawCaller.Answer nothing = caller.answer();
                assertEquals(404, nothing.status());
                assertTrue(nothing.text().contains("/nothing/" + i), nothing.text());
            }
        }
    }

    /** A body that is longer than it was said to be is the next request, and none. */
    @Test
    void bodiesOfWrongLengths() throws Exception {
        byte[] photo = CallerScene.photo();
        try (RawCaller caller = caller()) {
            caller.send(INFER + "Content-Length: " + (photo.length - 1000) + "\r\n\r\n")
                    .send(photo);
            assertEquals(422, caller.answer().status());
            List<Integer> next = new ArrayList<>();
            try {
                next.add(caller.answer().status());
            } catch (EOFException | SocketException e) {
                next.add(400);
            }
            assertEquals(List.of(400), next);
        }
        try (RawCaller caller = caller()) {
            caller.send(INFER + "Content-Length: " + (photo.length + 1000) + "\r\n\r\n")
                    .send(photo);
            caller.socket.shutdownOutput();
            assertTrue(caller.isHungUpWithin(5000));
        }
        try (RawCaller caller = caller()) {
            caller.send(INFER + "Transfer-Encoding: chunked\r\n\r\n");
            for (int from = 0; from < photo.length; from += 1000) {
                int to = Math.min(photo.length, from + 1000);
                caller.send(Integer.toHexString(to - from) + ";x=y\r\n");
                caller.send(Arrays.copyOfRange(photo, from, to)).send("\r\n");
            }
            caller.send("0\r\nTrailer: x\r\n\r\n");
            assertEquals(200, caller.answer().status());
        }
        assertServing();
    }

    /** Refused before it is sent, so that a client that listens sends nothing. */
    @Test
    void aBodyOfOneGigabyteIsRefusedAtOnce() throws Exception {
        for (String expect : new String[] {"Expect: 100-continue\r\n", ""}) {
            try (RawCaller caller = caller()) {
                caller.send(INFER + expect + "Content-Length: 1073741824\r\n\r\n");
                RawCaller.Answer answer = caller.answer();
                assertEquals(413, answer.status());
                assertTrue(answer.text().contains("serve.maxBody"), answer.text());
                assertTrue(caller.isHungUpWithin(20_000));
            }
        }
        assertServing();
    }

    @Test
    void aBodyThatDoesNotEndIsRefusedAtTheCap() throws Exception {
        byte[] piece =
                ("100000\r\n" + "x".repeat(0x100000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        try (RawCaller caller = caller()) {
            caller.send(INFER + "Transfer-Encoding: chunked\r\n\r\n");
            int sent = 0;
            try {
                while (sent < 1024) {
                    caller.send(piece);
                    sent++;
                }
            } catch (IOException e) {
                // It hung up.
            }
            assertTrue(sent < 64, sent + " MiB were taken");
            assertEquals(413, caller.answer().status());
        } catch (IOException e) {
            // The answer may be lost where the worker closed while this side still sent.
        }
        assertServing();
    }
}
