package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.serve.StallingHost;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawCaller;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 35: requests whose deadline is over, or whose caller has gone, end their work at once. */
class DeadlineFT {
    private static final int MANY = 64;
    private static final int BODIES = 3;
    private static final int ANNOUNCED = 20 << 20;
    private static final int ARRIVED = 1_200_000;
    private static final int LARGE_PHOTO = 8_900_000;

    /** After the last request is over. */
    private static final int LATER_MS = 3_000;

    private static final String YAML =
            """
            device:
              type: host
              simulate: 20,0
            fetch:
              allowAddresses: [127.0.0.1/32]
            admission:
              bytes: 33554432
            serve:
              port: 0
              deadline: 10s
            reload: 0s
            models:
              - {task: safety, bundle: %s}
            """
                    .formatted(Path.of("engines", "safety").toAbsolutePath());

    private static final Path PHOTO =
            Path.of("src/main/resources/dev/millrace/verify/photos/mpu-300x250-city-night.jpg");
    private static final Pattern SERVING = Pattern.compile("serving at http://127.0.0.1:(\\d+)");

    @TempDir private Path folder;

    @Test
    void aRequestThatIsOverEndsItsWork() throws Exception {
        Reliability row =
                Reliability.row(
                        35,
                        "%d deadlines of 1 ms and %d callers that hang up, their image host stalls: 0 downloads after 3 s, the next caller's URL answered in < 2 s; beside %d slow bodies of 20 MiB a photo of 8 MiB answered, each slow body 504 at its deadline"
                                .formatted(MANY, MANY, BODIES));
        String line;
        try (WorkerProcess worker = start()) {
            int port = port(worker);
            int deadlines = downloadsAfter(port, true);
            int gone = downloadsAfter(port, false);
            long nextMs = next(port);
            String bodies = slowBodies(port);
            line =
                    "%d and %d downloads after 3 s, the next URL in %d ms; %s"
                            .formatted(deadlines, gone, nextMs, bodies);
            System.out.println(line);
            assertEquals(0, deadlines + gone, line);
            assertTrue(nextMs < 2_000, line);
        }
        try (WorkerProcess worker = start(Without.CANCELLED_WORK)) {
            int port = port(worker);
            String control =
                    "%d and %d downloads after 3 s"
                            .formatted(downloadsAfter(port, true), downloadsAfter(port, false));
            System.out.println("without: " + control);
            assertTrue(!control.startsWith("0 and 0 "), control);
            row.holds(line, "nothing is cancelled: " + control);
        }
    }

    private WorkerProcess start(Change... off) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        Path classes = Undefended.changed(fresh, List.of(off));
        return WorkerProcess.start(fresh, YAML, "serve", List.of(), List.of(classes), classes);
    }

    private static int port(WorkerProcess worker) throws Exception {
        Loopback.awaitUntil(
                () -> SERVING.matcher(worker.output()).find() || !worker.isAlive(),
                60,
                worker::output);
        Matcher serving = SERVING.matcher(worker.output());
        assertTrue(serving.find(), worker::output);
        return Integer.parseInt(serving.group(1));
    }

    private static String asksFor(String url, int deadlineMs) {
        String body =
                "{\"inputs\": [{\"name\": \"image\", \"shape\": [1], \"datatype\": \"BYTES\", \"parameters\": {\"content\": \"url\"}, \"data\": [\"%s\"]}]}"
                        .formatted(url);
        return head("application/json", body.length(), deadlineMs) + body;
    }

    private static String head(String type, int length, int deadlineMs) {
        return "POST /v2/models/safety/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nMillrace-Deadline-Ms: %d\r\nContent-Length: %d\r\n\r\n"
                .formatted(type, deadlineMs, length);
    }

    /** Clients that are connected to a host that stalls, some time after nobody waits for them. */
    private static int downloadsAfter(int port, boolean byDeadline) throws Exception {
        List<RawCaller> callers = new ArrayList<>();
        try (StallingHost host = new StallingHost()) {
            for (int i = 0; i < MANY; i++) {
                RawCaller caller = new RawCaller(port);
                callers.add(caller);
                caller.send(asksFor(host.url(), byDeadline ? 1 : 9_000));
            }
            for (RawCaller caller : callers) {
                if (byDeadline) {
                    assertEquals(504, caller.answer().status());
                } else {
                    Thread.sleep(5);
                    caller.close();
                }
            }
            Thread.sleep(LATER_MS);
            return host.connected();
        } finally {
            for (RawCaller caller : callers) {
                caller.close();
            }
        }
    }

    private static long next(int port) throws Exception {
        byte[] photo = Files.readAllBytes(PHOTO);
        HttpServer quick =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        quick.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, photo.length);
                    exchange.getResponseBody().write(photo);
                    exchange.close();
                });
        quick.start();
        // While the work of others was just given up.
        try (StallingHost host = new StallingHost();
                RawCaller caller = new RawCaller(port)) {
            for (int i = 0; i < MANY; i++) {
                try (RawCaller over = new RawCaller(port)) {
                    assertEquals(504, over.send(asksFor(host.url(), 1)).answer().status());
                }
            }
            long startNs = System.nanoTime();
            String url = "http://127.0.0.1:" + quick.getAddress().getPort() + "/photo.jpg";
            RawCaller.Answer answer = caller.send(asksFor(url, 9_000)).answer();
            assertEquals(200, answer.status(), answer.text());
            return (System.nanoTime() - startNs) / 1_000_000;
        } finally {
            quick.stop(0);
        }
    }

    private static String slowBodies(int port) throws Exception {
        List<RawCaller> slow = new ArrayList<>();
        long startNs = System.nanoTime();
        for (int i = 0; i < BODIES; i++) {
            RawCaller caller = new RawCaller(port);
            slow.add(caller);
            caller.send(head("image/jpeg", ANNOUNCED, 3_000)).send(new byte[ARRIVED]);
        }
        Thread.sleep(500);
        // What follows a JPEG's end belongs to its file and not to the image.
        byte[] large = Arrays.copyOf(Files.readAllBytes(PHOTO), LARGE_PHOTO);
        int status;
        try (RawCaller caller = new RawCaller(port)) {
            status =
                    caller.send(head("image/jpeg", large.length, 9_000))
                            .send(large)
                            .answer()
                            .status();
        }
        assertEquals(200, status);
        for (RawCaller caller : slow) {
            RawCaller.Answer answer = caller.answer();
            assertEquals(504, answer.status(), new String(answer.body(), StandardCharsets.UTF_8));
            caller.close();
        }
        long endMs = (System.nanoTime() - startNs) / 1_000_000;
        assertTrue(endMs < 4_500, endMs + " ms");
        return "photo of 8 MiB %d, slow bodies of 3 s ended after %d ms".formatted(status, endMs);
    }
}
