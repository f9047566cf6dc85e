package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 25: SIGTERM while a plan is built that takes a minute and heeds no interrupt. */
class SigtermFT {
    private static final Path SLOW = Path.of("src/test/slow");
    private static final int MESSAGES = 300;
    private static final int LIMIT_S = 25;

    @TempDir private Path folder;
    private Path bundle;
    private Path slow;

    // Those that go before the worker's own.
    private List<Path> classes;

    @BeforeEach
    void makesBuildsSlow() throws IOException {
        slow = Files.createDirectory(folder.resolve("slow"));
        Undefended.compile(SLOW, slow);
        classes = List.of(slow);
        bundle = Files.createDirectory(folder.resolve("safety"));
        Files.copy(Path.of("engines/safety/model.onnx"), bundle.resolve("model.onnx"));
    }

    @Test
    void theWorkerEndsInTimeAtAnyMoment() throws Exception {
        Reliability row =
                Reliability.row(
                        25,
                        "a plan build of 60 s that ignores interrupts: exit 0 in < 25 s, 0 hidden,"
                                + " 0 lost");
        String start = whileTheFirstModelLoads(row.seed());
        String reload = whileAModelIsReloaded(row.seed());
        String control = "";
        if (Reliability.isWhole()) {
            waitForTheReload();
            AssertionError late =
                    assertThrows(AssertionError.class, () -> whileAModelIsReloaded(row.seed()));
            control = late.getMessage().lines().findFirst().orElse("").replace(":", "");
            assertTrue(control.startsWith("still running"), control);
        }
        row.holds(
                "at the start: " + start + "; at a reload under load: " + reload,
                "a drain that waits for the reload first: " + control);
    }

    private String whileTheFirstModelLoads(long seed) throws Exception {
        write("slow");
        try (FaultBench rig = new FaultBench(seed, 50);
                WorkerProcess worker = start(rig)) {
            rig.send(10);
            awaitBuild(worker);
            return end(rig, worker);
        }
    }

    private String whileAModelIsReloaded(long seed) throws Exception {
        write("quick");
        try (FaultBench rig = new FaultBench(seed, 50);
                WorkerProcess worker = start(rig)) {
            worker.awaitReady();
            rig.send(MESSAGES);
            rig.ledger.await(20, 60);
            write("slow");
            awaitBuild(worker);
            int before = rig.ledger.answered();
            Loopback.awaitUntil(
                    () -> rig.ledger.answered() > before, 10, () -> "the old model goes on");
            return end(rig, worker);
        }
    }

    /** As it was: the drain waits for the reload, and nothing ends the process in time. */
    private void waitForTheReload() throws IOException {
        Path waiting =
                Undefended.changed(
                        folder.resolve("waiting"),
                        List.of(
                                new Undefended.Change(
                                        "worker/Reloader.java",
                                        "        thread.cancel();\n",
                                        "thread.cancel(); while (thread.isAlive()) { Thread.onSpinWait(); }"),
                                new Undefended.Change(
                                        "cli/Ending.java",
                                        "sleep(LATEST);",
                                        "sleep(Duration.ofHours(1));")));
        classes = List.of(waiting, slow);
    }

    private static String end(FaultBench rig, WorkerProcess worker) throws Exception {
        long startNs = System.nanoTime();
        worker.terminate();
        int exit = worker.exitCode(LIMIT_S);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        assertEquals(0, exit, worker.output());
        assertEquals(0, rig.queue.status().inFlight(), worker.output());
        rig.ledger.requireAnsweredOrLeft(rig.queue);
        assertEquals(0, rig.ledger.duplicates());
        return "exit %d after %.1f s, 0 hidden; %s".formatted(exit, seconds, rig.line());
    }

    private WorkerProcess start(FaultBench rig) throws IOException {
        String yaml =
                rig.settings()
                        .simulate("200,0")
                        .bundle(bundle)
                        .yaml()
                        .replace("reload: 0s", "reload: 200ms")
                        .concat("cache: " + folder.resolve("cache") + "\n");
        Path home = Files.createTempDirectory(folder, "worker");
        return WorkerProcess.start(home, yaml, List.of(), classes, home);
    }

    private void write(String version) throws IOException {
        String yaml = Files.readString(Path.of("engines/safety/model.yaml"));
        Path next = Files.writeString(folder.resolve("next.yaml"), yaml + "version: " + version);
        Files.move(next, bundle.resolve("model.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void awaitBuild(WorkerProcess worker) throws InterruptedException {
        Loopback.awaitUntil(
                () -> worker.output().contains("a slow build has begun"), 60, worker::output);
    }
}
