package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.SmallDisk;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 18: the disk that a worker writes to is full. */
class DiskFullFT {
    private static final int MESSAGES = 4000;

    @TempDir private Path folder;

    @Test
    void aFullDiskLosesNothing() throws Exception {
        Reliability row =
                Reliability.row(
                        18,
                        "1 MB for logs and trace: goes on; for the cache: does not start; 0 lost");
        if (!SmallDisk.isPossible(Files.createDirectories(folder.resolve("trial")))) {
            row.cannotRun("this host allows no mount in a user namespace (unshare -rm)");
        }
        row.holds(goesOn(row.seed()) + "; " + doesNotStart(row.seed()), control(row.seed()));
    }

    private SmallDisk disk() throws IOException {
        return new SmallDisk(Files.createTempDirectory(folder, "disk"));
    }

    private WorkerProcess start(List<String> before, String yaml) throws IOException {
        Path config = Files.createTempDirectory(folder, "worker");
        return WorkerProcess.startBehind(before, config, yaml);
    }

    private String goesOn(long seed) throws Exception {
        SmallDisk disk = disk();
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker = start(disk.beforeWithLog(), traced(rig, disk))) {
            worker.awaitReady();
            rig.send(MESSAGES);
            rig.ledger.awaitAll(rig.queue, 120);
            long used = disk.used(worker.pid());
            assertTrue(used > SmallDisk.BYTES * 9 / 10, used + " bytes: it must be full");
            assertEquals(200, worker.status("/v2/health/ready"));
            rig.ledger.requireNothingLost(rig.queue);
            assertEquals(0, rig.queue.deadLetters());
            worker.terminate();
            assertEquals(0, worker.exitCode(25));
            return "%d of %d kB written, ready, exit 0; %s"
                    .formatted(used >> 10, SmallDisk.BYTES >> 10, rig.line());
        }
    }

    /** The prepared model is larger than the disk. */
    private String doesNotStart(long seed) throws Exception {
        SmallDisk disk = disk();
        try (FaultBench rig = new FaultBench(seed, 5)) {
            rig.send(10);
            try (WorkerProcess worker =
                    start(
                            disk.before(),
                            rig.settings().yaml() + "cache: " + disk.folder() + "/cache\n")) {
                int exit = worker.exitCode(60);
                assertNotEquals(0, exit);
                assertTrue(worker.output().contains("No space left"), worker.output());
                assertEquals(0, rig.faulty.received.get());
                assertEquals(10, rig.queue.left());
                return "without a cache exit " + exit + ", 0 received";
            }
        }
    }

    /** The same messages and the same disk, which is full after some of them. */
    private String control(long seed) throws Exception {
        SmallDisk disk = disk();
        Path fresh = Files.createTempDirectory(folder, "careless");
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker =
                        WorkerProcess.startWith(
                                Undefended.changed(fresh, List.of(Without.CARE_FOR_THE_TRACE)),
                                disk.beforeWithLog(),
                                fresh,
                                traced(rig, disk))) {
            worker.awaitReady();
            rig.send(MESSAGES);
            int exit = worker.exitCode(120);
            assertNotEquals(0, exit);
            assertTrue(rig.ledger.answered() < MESSAGES, rig.state());
            return "a trace that cannot be written ends its writer: exit %d, %s"
                    .formatted(exit, rig.state());
        }
    }

    private static String traced(FaultBench rig, SmallDisk disk) {
        return rig.settings().yaml() + "trace: " + disk.folder() + "/trace\n";
    }
}
