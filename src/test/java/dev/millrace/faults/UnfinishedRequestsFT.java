package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.faults.UnfinishedCrowd.Kind;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawCaller;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 34: sockets without a token send unfinished requests, beside callers that have one. */
class UnfinishedRequestsFT {
    private static final String TOKEN = "0123456789abcdef";
    private static final int SOCKETS = 600;
    private static final int CALLERS = 100;
    private static final int PAUSE_MS = 100;

    /** A worker takes connections for half of these. */
    private static final int HANDLES = 1024;

    private static final String YAML =
            """
            device:
              type: host
              simulate: 20,0
            serve:
              port: 0
              token: %s
            reload: 0s
            models:
              - {task: safety, bundle: %s}
            """
                    .formatted(TOKEN, Path.of("engines", "safety").toAbsolutePath());

    private static final Path PHOTO =
            Path.of("src/main/resources/dev/millrace/verify/photos/mpu-300x250-city-night.jpg");
    private static final Pattern SERVING = Pattern.compile("serving at http://127.0.0.1:(\\d+)");

    @TempDir private Path folder;

    @Test
    void unfinishedRequestsLockNobodyOut() throws Exception {
        Reliability row =
                Reliability.row(
                        34,
                        "%d sockets without a token (unfinished heads, heads without body, both), each renewed after 4.5 s, at a worker of %d connections: each of %d callers with a token answered"
                                .formatted(SOCKETS, HANDLES / 2, CALLERS));
        StringBuilder line = new StringBuilder();
        try (WorkerProcess worker = start()) {
            for (Kind kind : Kind.values()) {
                int answered = answered(worker, kind);
                line.append(line.isEmpty() ? "" : "; ")
                        .append("%s: %d of %d".formatted(kind, answered, CALLERS));
                System.out.println(line);
                assertEquals(CALLERS, answered, line::toString);
            }
        }
        try (WorkerProcess worker =
                start(
                        Without.EARLY_REFUSAL,
                        Without.UNFINISHED_FIRST,
                        Without.CARE_FOR_NEWCOMERS)) {
            int answered = answered(worker, Kind.BODIES);
            String control = "%s: %d of %d".formatted(Kind.BODIES, answered, CALLERS);
            System.out.println("without: " + control);
            assertTrue(answered < CALLERS, control);
            row.holds(
                    line.toString(),
                    "the rest of a refused body read, the unused closed first: " + control);
        }
    }

    private WorkerProcess start(Change... off) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        Path classes = Undefended.changed(fresh, List.of(off));
        return WorkerProcess.startAfter(
                List.of("prlimit", "--nofile=" + HANDLES + ":" + HANDLES),
                fresh,
                YAML,
                "serve",
                List.of(classes));
    }

    private static int answered(WorkerProcess worker, Kind kind) throws Exception {
        Loopback.awaitUntil(
                () -> SERVING.matcher(worker.output()).find() || !worker.isAlive(),
                60,
                worker::output);
        Matcher serving = SERVING.matcher(worker.output());
        assertTrue(serving.find(), worker::output);
        int port = Integer.parseInt(serving.group(1));
        byte[] photo = Files.readAllBytes(PHOTO);
        AtomicInteger answered = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(CALLERS);
        try (UnfinishedCrowd _ = UnfinishedCrowd.start(port, SOCKETS, kind)) {
            for (int i = 0; i < CALLERS; i++) {
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (RawCaller caller = new RawCaller(port)) {
                                        if (ask(caller, photo) == 200) {
                                            answered.incrementAndGet();
                                        }
                                    } catch (IOException e) {
                                        // It was not answered.
                                    } finally {
                                        ended.countDown();
                                    }
                                });
                Thread.sleep(PAUSE_MS);
            }
            assertTrue(ended.await(60, TimeUnit.SECONDS));
        }
        return answered.get();
    }

    private static int ask(RawCaller caller, byte[] photo) throws IOException {
        caller.send(
                "POST /v2/models/safety/infer HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                        + TOKEN
                        + "\r\nContent-Type: image/jpeg\r\nContent-Length: "
                        + photo.length
                        + "\r\n\r\n");
        return caller.send(photo).answer().status();
    }
}
