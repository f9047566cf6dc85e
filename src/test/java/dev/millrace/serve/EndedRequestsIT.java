package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.testing.RawCaller;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A request that is over gives back at once all that it took. */
class EndedRequestsIT {
    private static final int MANY = 64;
    private static final String INFER = "/v2/models/colors/infer";

    private static byte[] asksFor(String url) {
        return """
        {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES",
          "parameters": {"content": "url"}, "data": ["%s"]}]}"""
                .formatted(url)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static CompletableFuture<HttpResponse<byte[]>> begin(
            CallerScene scene, String url, int deadlineMs) {
        return scene.begin(
                scene.post(
                        INFER,
                        asksFor(url),
                        "Content-Type",
                        "application/json",
                        "Millrace-Deadline-Ms",
                        Integer.toString(deadlineMs)));
    }

    /** Within two seconds; a download may take ten. */
    private static void assertEnds(StallingHost host, String when) throws InterruptedException {
        for (int i = 0; i < 100 && host.connected() > 0; i++) {
            Thread.sleep(20);
        }
        assertEquals(0, host.connected(), "downloads go on " + when);
    }

    private static HttpServer goodHost() throws Exception {
        byte[] photo = CallerScene.photo();
        HttpServer host =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        host.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, photo.length);
                    exchange.getResponseBody().write(photo);
                    exchange.close();
                });
        host.start();
        return host;
    }

    @Test
    void aDeadlineEndsTheDownloadAndLeavesItsPlaceToOthers() throws Exception {
        HttpServer good = goodHost();
        try (StallingHost host = new StallingHost();
                CallerScene scene = new CallerScene("colors")) {
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                answers.add(begin(scene, host.url(), 300));
            }
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                assertEquals(504, answer.join().statusCode());
            }
            assertTrue(host.requests() > 0, "no download began");
            assertEnds(host, "after their deadlines");
            long startNs = System.nanoTime();
            String url = "http://127.0.0.1:" + good.getAddress().getPort() + "/photo.jpg";
            HttpResponse<byte[]> next = begin(scene, url, 9000).join();
            long ms = (System.nanoTime() - startNs) / 1_000_000;
            assertEquals(200, next.statusCode(), new String(next.body(), StandardCharsets.UTF_8));
            assertTrue(ms < 2000, "the next caller's image took " + ms + " ms");
        } finally {
            good.stop(0);
        }
    }

    @Test
    void aCallerThatHangsUpEndsItsDownload() throws Exception {
        try (StallingHost host = new StallingHost();
                CallerScene scene = new CallerScene("colors")) {
            byte[] body = asksFor(host.url());
            for (int i = 0; i < MANY; i++) {
                try (RawCaller caller = new RawCaller(scene.at("/").getPort())) {
                    caller.send(head(body.length)).send(body);
                    Thread.sleep(2);
                }
            }
            assertEnds(host, "for callers that have gone");
            for (int i = 0; i < 20 && scene.metric("millrace_callers_images") > 0; i++) {
                Thread.sleep(100);
            }
            assertEquals(0, scene.metric("millrace_callers_images"));
            assertEquals(0, scene.metric("millrace_admission_bytes"));
        }
    }

    @Test
    void theDeadlineCoversTheBody() throws Exception {
        try (CallerScene scene =
                new CallerScene(
                        one ->
                                new ServeSettings(
                                        one.port(),
                                        one.bind(),
                                        one.allowedHosts(),
                                        one.share(),
                                        one.maxBody(),
                                        Duration.ofSeconds(1),
                                        one.minimumRate(),
                                        one.token(),
                                        one.tls()),
                        CallerScene.config(64, "colors"))) {
            long startNs = System.nanoTime();
            try (RawCaller caller = new RawCaller(scene.at("/").getPort())) {
                caller.send(head(20 << 20)).send(new byte[100]);
                RawCaller.Answer answer = caller.answer();
                assertEquals(504, answer.status(), answer.text());
                assertEquals("deadline", answer.header("Millrace-Error-Kind").orElse(""));
                assertTrue(caller.isHungUpWithin(1000), "the connection stays open");
            }
            long ms = (System.nanoTime() - startNs) / 1_000_000;
            assertTrue(ms < 2500, "the slow body lived for " + ms + " ms");
        }
    }

    private static String head(int length) {
        return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                .formatted(INFER, length > 1 << 20 ? "image/jpeg" : "application/json", length);
    }
}
