package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.FakeMetadata;
import dev.millrace.testing.FreePort;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 33: a worker with callers and a queue is told to end, by a signal and by a spot notice. */
class CallersFT {
    private static final int MESSAGES = 600;
    private static final int CALLERS = 8;
    private static final int LIMIT_S = 25;

    /** A request that is older was read by the worker: all that are there are read at once. */
    private static final long TAKEN_NS = Duration.ofMillis(50).toNanos();

    private static final byte[] PHOTO = photo();

    @TempDir private Path folder;

    private static byte[] photo() {
        try {
            return Files.readAllBytes(
                    Path.of(
                            "src/main/resources/dev/millrace/verify/photos/photo-600x400-coffee.jpg"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Callers that each ask again at once, until they are told to go elsewhere. */
    private static final class Callers {
        final AtomicInteger answered = new AtomicInteger();
        final AtomicInteger sentAway = new AtomicInteger();
        final AtomicInteger cut = new AtomicInteger();
        final AtomicInteger others = new AtomicInteger();
        final AtomicInteger turnedAway = new AtomicInteger();
        private final AtomicLongArray sentNs = new AtomicLongArray(CALLERS);
        private volatile long endNs = Long.MIN_VALUE / 2;
        private final AtomicReference<String> why = new AtomicReference<>("");
        private final List<Thread> threads = new ArrayList<>();
        private final URI at;

        Callers(int port) {
            at = URI.create("http://127.0.0.1:%d/v2/models/safety/infer".formatted(port));
            for (int i = 0; i < CALLERS; i++) {
                int number = i;
                sentNs.set(number, Long.MAX_VALUE);
                threads.add(Thread.ofPlatform().name("caller-" + i).start(() -> ask(number)));
            }
        }

        /** Whether the worker has a request of each. */
        boolean allAreTaken() {
            long nowNs = System.nanoTime();
            return IntStream.range(0, CALLERS)
                    .allMatch(number -> sentNs.get(number) < nowNs - TAKEN_NS);
        }

        /** From now on the worker is told to end. */
        void end() {
            endNs = System.nanoTime();
        }

        private void ask(int number) {
            try (HttpClient http =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
                while (true) {
                    long atNs = System.nanoTime();
                    sentNs.set(number, atNs);
                    int status =
                            http.send(
                                            HttpRequest.newBuilder(at)
                                                    .timeout(Duration.ofSeconds(60))
                                                    .POST(
                                                            HttpRequest.BodyPublishers.ofByteArray(
                                                                    PHOTO))
                                                    .build(),
                                            HttpResponse.BodyHandlers.discarding())
                                    .statusCode();
                    sentNs.set(number, Long.MAX_VALUE);
                    switch (status) {
                        case 200 -> answered.incrementAndGet();
                        case 503 -> {
                            (atNs < endNs - TAKEN_NS ? turnedAway : sentAway).incrementAndGet();
                            return;
                        }
                        default -> others.incrementAndGet();
                    }
                }
            } catch (ConnectException e) {
                sentAway.incrementAndGet();
            } catch (IOException e) {
                cut.incrementAndGet();
                why.set(e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void await() throws InterruptedException {
            for (Thread thread : threads) {
                assertTrue(thread.join(Duration.ofSeconds(70)), "a caller waits for ever");
            }
        }

        @Override
        public String toString() {
            return "of %d callers %d answers, %d sent elsewhere, %d of them after they were taken, %d cut off %s"
                    .formatted(
                            CALLERS,
                            answered.get(),
                            sentAway.get() + turnedAway.get(),
                            turnedAway.get(),
                            cut.get(),
                            why.get())
                    .strip();
        }
    }

    @Test
    void whoWasTakenIsAnswered() throws Exception {
        Reliability row =
                Reliability.row(
                        33,
                        "SIGTERM, and a spot notice, amid 8 callers and a queue: each request that was taken has its verdict, each later one 503, none is cut off; exit 0 in < 25 s, each message answered or left");
        String signal = run(row.seed(), End.SIGTERM);
        String spot = run(row.seed(), End.SPOT);
        String control = run(row.seed(), End.KILL);
        row.holds("SIGTERM: " + signal + "; spot: " + spot, "`kill -9` in their place: " + control);
    }

    private enum End {
        SIGTERM,
        SPOT,
        KILL
    }

    private String run(long seed, End end) throws Exception {
        int port = FreePort.find();
        try (FaultBench rig = new FaultBench(seed, 50);
                FakeMetadata service = new FakeMetadata();
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().simulate("100,0").yaml()
                                        + FakeMetadata.yaml(Optional.of(service))
                                        + "serve:\n  port: %d\n".formatted(port))) {
            worker.awaitReady();
            rig.send(MESSAGES);
            Callers callers = new Callers(port);
            rig.ledger.await(40, 30);
            Loopback.awaitUntil(() -> callers.answered.get() >= 2 * CALLERS, 30, callers::toString);
            Loopback.awaitUntil(callers::allAreTaken, 30, callers::toString);
            if (end == End.SIGTERM) {
                // A notice is seen later than it is there, and nobody knows when.
                callers.end();
            }
            switch (end) {
                case SIGTERM -> worker.terminate();
                case SPOT -> service.announce();
                case KILL -> worker.kill();
            }
            callers.await();
            assertEquals(0, callers.others.get(), callers::toString);
            assertTrue(
                    callers.answered.get() > 0,
                    () -> end + ": " + callers + "\n" + worker.output());
            if (end == End.KILL) {
                assertTrue(callers.cut.get() > 0, "it must be seen: " + callers);
                return callers.toString();
            }
            int exit = worker.exitCode(LIMIT_S);
            assertEquals(0, exit, worker.output());
            assertEquals(0, callers.cut.get(), () -> callers + "\n" + worker.output());
            assertEquals(CALLERS, callers.sentAway.get(), callers::toString);
            assertEquals(0, rig.queue.status().inFlight());
            rig.ledger.requireAnsweredOrLeft(rig.queue);
            return callers + ", exit 0; " + rig.line();
        }
    }
}
