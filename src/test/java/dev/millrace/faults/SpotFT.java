package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.FakeMetadata;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 14: EC2 says that it will take the machine. */
class SpotFT {
    private static final int MESSAGES = 600;
    private static final double LIMIT_SECONDS = 6;

    @TempDir private Path folder;

    @Test
    void aNoticeBeginsADrain() throws Exception {
        Reliability row =
                Reliability.row(
                        14,
                        "under load: drain starts ≤ 6 s after the notice, exit 0, each message either answered or left");
        String line = run(row.seed(), true);
        String control = run(row.seed(), false);
        row.holds(line, "`drain.spot: false`: " + control);
    }

    private String run(long seed, boolean watch) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                FakeMetadata service = new FakeMetadata();
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().simulate("400,0").yaml()
                                        + FakeMetadata.yaml(
                                                watch ? Optional.of(service) : Optional.empty()))) {
            worker.awaitReady();
            rig.send(MESSAGES);
            rig.ledger.await(40, 30);
            long startNs = System.nanoTime();
            service.announce();
            double seconds = 0;
            boolean draining = false;
            while (!draining && seconds < LIMIT_SECONDS) {
                Thread.sleep(20);
                draining = worker.status("/v2/health/ready") != 200;
                seconds = (System.nanoTime() - startNs) / 1e9;
            }
            assertEquals(watch, draining, "after " + seconds + " s");
            if (!draining) {
                assertEquals(0, service.asked());
                return "works on after %.0f s".formatted(seconds);
            }
            int exit = worker.exitCode(25);
            assertEquals(0, exit, worker.output());
            assertEquals(0, rig.queue.status().inFlight());
            rig.ledger.requireAnsweredOrLeft(rig.queue);
            assertFalse(rig.ledger.answered() == MESSAGES, "it must have been under load");
            assertTrue(worker.output().contains("draining after a spot notice"), worker.output());
            return "drain after %.1f s, exit %d, 0 hidden; %s".formatted(seconds, exit, rig.line());
        }
    }
}
