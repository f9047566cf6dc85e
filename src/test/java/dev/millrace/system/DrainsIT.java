package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.FakeMetadata;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a worker that is busy ends when it is told to, other than by one SIGTERM. */
@WaitsMostly
class DrainsIT {
    private static final int MESSAGES = 400;

    @TempDir private Path folder;

    @Test
    void aSecondSigtermGivesEverythingBackAtOnce() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback();
                WorkerProcess worker = start(queue, "worker", "")) {
            underLoad(queue, loopback, worker);
            worker.terminate();
            Loopback.awaitUntil(
                    () -> worker.status("/v2/health/ready") != 200, 5, () -> "still ready");
            Thread.sleep(500);
            assertTrue(worker.isAlive(), "it must be draining");
            assertTrue(queue.status().inFlight() > 0, "it must hold messages");
            long startNs = System.nanoTime();
            worker.terminate();
            assertEquals(0, worker.exitCode(10), worker.output());
            double seconds = (System.nanoTime() - startNs) / 1e9;
            assertEquals(0, queue.status().inFlight(), "hidden after the end");
            System.out.printf("second SIGTERM: ended after %.2f s%n", seconds);
            assertTrue(seconds < 5, seconds + " s");
        }
    }

    @Test
    void aRequestBeforeTheStopIsAnsweredWhenTheWorkerIsDrained() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback();
                WorkerProcess worker = start(queue, "worker", "  preStop: true\n")) {
            underLoad(queue, loopback, worker);
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> asDocumented(worker.port()));
            Loopback.awaitUntil(
                    () -> worker.status("/v2/health/ready") == 503, 2, () -> "still ready");
            assertEquals(200, worker.status("/v2/health/live"));
            assertTrue(!answer.isDone(), "callbacks hang");
            loopback.answer();
            assertTrue(answer.get().startsWith("HTTP/1.1 200 "), answer.get());
            assertEquals(0, worker.exitCode(10), worker.output());
            assertEquals(0, queue.status().inFlight());
        }
    }

    /** The first line of the answer to what docs/configuration.md gives as preStop. */
    private static String asDocumented(int port) {
        try {
            String script =
                    Files.readAllLines(Path.of("docs/configuration.md")).stream()
                            .dropWhile(line -> !line.contains("exec 3<>/dev/tcp"))
                            .limit(3)
                            .map(line -> line.strip().replace("9400", "" + port) + '\n')
                            .collect(Collectors.joining());
            Process bash =
                    new ProcessBuilder("bash", "-c", script + "echo \"$answer\"")
                            .redirectErrorStream(true)
                            .start();
            return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void aPageThatLeadsABrowserThereDoesNotDrain() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                WorkerProcess worker = start(queue, "worker", "  preStop: true\n")) {
            worker.awaitReady();
            assertEquals(405, worker.status("/drain"));
            assertTrue(worker.text("/drain").contains("Millrace-Request: drain"));
            assertEquals(200, worker.status("/v2/health/ready"));
        }
    }

    @Test
    void withoutTheSettingThereIsNoSuchRequest() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                WorkerProcess worker = start(queue, "worker", "")) {
            worker.awaitReady();
            assertEquals(404, worker.status("/drain"));
            assertEquals(200, worker.status("/v2/health/ready"));
        }
    }

    @Test
    void aSupervisorPassesOnWhatItIsTold() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback();
                WorkerProcess supervisor = start(queue, "supervise", "")) {
            underLoad(queue, loopback, supervisor);
            supervisor.terminate();
            Loopback.awaitUntil(
                    () -> supervisor.status("/v2/health/ready") != 200, 5, () -> "still ready");
            // At once it would belong to the first.
            Thread.sleep(500);
            supervisor.terminate();
            assertEquals(0, supervisor.exitCode(10), supervisor.output());
            assertEquals(0, queue.status().inFlight());
        }
    }

    /** As systemd stops a service, and a terminal what runs in it. */
    @Test
    void aSignalToSupervisorAndWorkerIsOneStop() throws Exception {
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback();
                WorkerProcess supervisor = start(queue, "supervise", "")) {
            underLoad(queue, loopback, supervisor);
            List<ProcessHandle> workers = supervisor.descendants();
            assertEquals(1, workers.size());
            supervisor.terminateAll();
            Loopback.awaitUntil(
                    () -> supervisor.status("/v2/health/ready") != 200, 5, () -> "still ready");
            // Giving back takes less.
            Thread.sleep(1500);
            assertTrue(supervisor.isAlive(), "it must be draining:\n" + supervisor.output());
            assertTrue(queue.status().inFlight() > 0, "it must hold messages");
            loopback.answer();
            assertEquals(0, supervisor.exitCode(10), supervisor.output());
            assertTrue(!workers.getFirst().isAlive(), "no process is left");
            assertEquals(0, queue.status().inFlight());
        }
    }

    @Test
    void aSupervisorGivesUpOnAMistake() throws Exception {
        try (WorkerProcess supervisor =
                WorkerProcess.start(
                        folder,
                        """
                        queue:
                          url: http://127.0.0.1:1/000000000000/images
                        drain:
                          spot: false
                        state:
                          directory: state
                        models:
                          - {task: safety, bundle: %s}
                        """
                                .formatted(Path.of("engines/safety").toAbsolutePath()),
                        "supervise",
                        List.of(),
                        "")) {
            assertEquals(2, supervisor.exitCode(60), supervisor.output());
            assertTrue(supervisor.output().contains("queue.url"), supervisor.output());
        }
    }

    private WorkerProcess start(TestQueue queue, String command, String drain) throws Exception {
        return WorkerProcess.start(
                folder,
                """
                queue:
                  url: %s
                  wait: 1s
                fetch:
                  allowAddresses: [127.0.0.0/8]
                callback:
                  allowAddresses: [127.0.0.0/8]
                device:
                  type: host
                  simulate: 1,0
                admission:
                  messages: 64
                state:
                  directory: state
                models:
                  - {task: safety, bundle: %s}
                %s"""
                        .formatted(
                                queue.url(),
                                Path.of("engines/safety").toAbsolutePath(),
                                FakeMetadata.yaml(Optional.empty()) + drain),
                command,
                List.of(),
                "");
    }

    /** Callbacks hang, so that the worker has something in hand. */
    private static void underLoad(TestQueue queue, Loopback loopback, WorkerProcess worker)
            throws InterruptedException {
        worker.awaitReady();
        loopback.hang();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            bodies.add(
                    """
                    {"id": "m%d", "url": "%s", "task": "safety", "callback_url": "%s"}"""
                            .formatted(
                                    i,
                                    loopback.photo("mpu-300x250-city-night.jpg"),
                                    loopback.sink()));
        }
        queue.send(bodies);
        Loopback.awaitUntil(() -> loopback.waiting() > 20, 30, () -> "not under load");
    }
}
