package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A request that is refused before its body is read: whoever sends all of it first gets to read
 * why, and whoever never ends is hung up on.
 */
@Timeout(120)
class RefusedBodiesIT {
    private static final int LARGE = 4 << 20;

    private static CallerScene scene() {
        return new CallerScene(
                of ->
                        new ServeSettings(
                                of.port(),
                                of.bind(),
                                of.allowedHosts(),
                                of.share(),
                                8 << 20,
                                of.deadline(),
                                of.minimumRate(),
                                of.token(),
                                of.tls()),
                CallerScene.config(8, "colors"));
    }

    @Test
    void theAnswerIsReadByWhoSendsAllOfTheBodyFirst() throws Exception {
        try (CallerScene scene = scene()) {
            for (int i = 0; i < 20; i++) {
                HttpResponse<byte[]> answer = scene.infer("cats", new byte[LARGE]);
                assertEquals(404, answer.statusCode());
                assertEquals("unknown_task", CallerScene.kind(answer));
                HttpResponse<byte[]> large = scene.infer("colors", new byte[(8 << 20) + 1]);
                assertEquals(413, large.statusCode());
            }
        }
    }

    /** Otherwise an answer would keep a thread and a connection for as long as somebody likes. */
    @Test
    void whoNeverEndsIsHungUpOn() throws Exception {
        try (CallerScene scene = scene();
                Socket socket = socket(scene, 1 << 30, "")) {
            OutputStream out = socket.getOutputStream();
            long start = System.nanoTime();
            long sent = 0;
            try {
                while (sent < 1 << 30) {
                    out.write(new byte[1 << 16]);
                    sent += 1 << 16;
                }
            } catch (IOException e) {
                // The worker reads no more.
            }
            assertTrue(sent < 200 << 20, sent + " bytes were taken");
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(30).toNanos());
        }
        try (CallerScene scene = scene();
                Socket silent = socket(scene, LARGE, "")) {
            silent.setSoTimeout(60_000);
            String said =
                    new String(silent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(said.startsWith("HTTP/1.1 404 "), said);
        }
    }

    /** Who asks first whether it may send the body is told no, and not to go on. */
    @Test
    void whoAsksFirstIsToldAtOnce() throws Exception {
        try (CallerScene scene = scene();
                Socket socket = socket(scene, LARGE, "Expect: 100-continue\r\n")) {
            socket.setSoTimeout(3_000);
            InputStream in = socket.getInputStream();
            String said = new String(in.readNBytes(12), StandardCharsets.UTF_8);
            assertEquals("HTTP/1.1 404", said);
            String rest = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(!rest.contains("100 Continue"), rest);
        }
    }

    private static Socket socket(CallerScene scene, int length, String more) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), scene.at("/").getPort());
        socket.getOutputStream()
                .write(
                        ("POST /v2/models/cats/infer HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n"
                                        .formatted(more, length))
                                .getBytes(StandardCharsets.UTF_8));
        return socket;
    }
}
