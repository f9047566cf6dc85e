package dev.millrace.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.Admission;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Shipment;
import dev.millrace.job.WaitingImages;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

/** What one message may have the worker download. */
class MessageReachTest {
    private static final int BYTES = 1000;
    private static final int IMAGES = 300;

    @Test
    void theImagesOfAMessageHaveABoundTogether() throws Exception {
        FetchLimits limits =
                new FetchLimits(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        BYTES,
                        3,
                        FetchLimits.NO_CAP,
                        1);
        AtomicInteger asked = new AtomicInteger();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        asked.incrementAndGet();
                        exchange.sendResponseHeaders(200, BYTES);
                        exchange.getResponseBody().write(new byte[BYTES]);
                    }
                });
        server.start();
        try (FetchScene scene = FetchScene.of(limits, 1 << 20, 512)) {
            BlockingQueue<Message> handed = new LinkedBlockingQueue<>();
            Admission one = new Admission(1, 1 << 20, 1, 1e6, 0);
            one.acquire(1);
            String url = "http://localhost:" + server.getAddress().getPort() + "/a.jpg";
            Shipment many =
                    new Shipment(
                            new Delivery("m", "receipt", 1, 0, System.nanoTime()),
                            IntStream.range(0, IMAGES).mapToObj(i -> request(i, url)).toList(),
                            (_, _) -> {},
                            new WaitingImages(
                                    one,
                                    image -> {
                                        handed.add(image);
                                        scene.fetcher.accept(image);
                                    }));
            many.start();
            int fetched = 0;
            int refused = 0;
            String line = "";
            for (int i = 0; i < IMAGES; i++) {
                Message image = handed.poll(10, TimeUnit.SECONDS);
                if (refused == 0 && fetched < FetchLimits.MESSAGE_IMAGES) {
                    scene.job("a", fetched++);
                    scene.admission.giveBack(image.usage().takeBody());
                } else {
                    Message failed = scene.completed.poll(10, TimeUnit.SECONDS);
                    assertEquals(image, failed, "after " + asked + " downloads");
                    Failure why = failed.results().getFirst().failure().orElseThrow();
                    assertEquals(Failure.Kind.TOO_LARGE, why.kind());
                    line = why.message();
                    refused++;
                }
                image.settle(new Outcome.Delivered());
            }
            assertEquals(FetchLimits.MESSAGE_IMAGES, asked.get());
            assertEquals(IMAGES - FetchLimits.MESSAGE_IMAGES, refused);
            assertEquals(1, line.lines().count());
            assertTrue(line.contains("200000 bytes") && line.contains("several messages"), line);
        } finally {
            server.stop(0);
        }
    }

    private static Request request(int i, String url) {
        return new Request(
                "m_" + i,
                url,
                List.of("a"),
                new Destination.Callback(HttpUrl.get("http://sink.test/")),
                Optional.empty());
    }
}
