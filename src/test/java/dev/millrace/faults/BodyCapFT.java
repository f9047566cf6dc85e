package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 11: image hosts that send 64 MB and do not say how much. */
class BodyCapFT {
    private static final int BODY = 64_000_000;
    private static final int BODIES = 1000;
    private static final int CONTROL_BODIES = 20;
    private static final int CAP = 4 << 20;

    /** Heap (512 MiB), the native libraries, and what the JVM itself needs. */
    private static final long BOUND = 1L << 30;

    /** Written by a host but not read: what the kernel keeps for a connection on both sides. */
    private static final long KERNEL = 12L << 20;

    @TempDir private Path folder;

    private record Run(long tooLarge, long longest, long peak) {
        String line(int bodies) {
            return "%,d bodies: %d cut, at most %.1f MiB sent (kernel buffers included), peak RSS %d MiB"
                    .formatted(bodies, tooLarge, longest / 1048576.0, peak >> 20);
        }
    }

    @Test
    void bodiesWithoutLengthAreCut() throws Exception {
        Reliability row =
                Reliability.row(
                        11,
                        "1,000 bodies of 64 MB without a length: cut at the cap; peak RSS ≤ %d MiB"
                                .formatted(BOUND >> 20));
        Run run = run(row.seed(), BODIES, CAP);
        assertEquals(BODIES, run.tooLarge);
        assertTrue(run.longest <= CAP + KERNEL, run.line(BODIES));
        assertTrue(run.peak <= BOUND, run.line(BODIES));
        Run control = run(row.seed(), CONTROL_BODIES, 100 << 20);
        assertTrue(control.tooLarge == 0 && control.longest > CAP + KERNEL, control.toString());
        row.holds(
                "cap of %d MiB, %s".formatted(CAP >> 20, run.line(BODIES)),
                "cap of 100 MiB, " + control.line(CONTROL_BODIES));
    }

    private Run run(long seed, int bodies, int cap) throws Exception {
        AtomicLong longest = new AtomicLong();
        try (FaultBench rig = new FaultBench(seed, 5);
                RawServer host = new RawServer((head, out) -> pour(out, longest));
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().fetch("maxBytes: " + cap).yaml())) {
            worker.awaitReady();
            String url = "http://127.0.0.1:" + host.port() + "/a.jpg";
            rig.ledger.send(rig.queue, "m", bodies, i -> url);
            rig.ledger.awaitAll(rig.queue, 200);
            long tooLarge =
                    rig.ledger.callbacks().values().stream()
                            .filter(all -> all.getFirst().error().equals("too_large"))
                            .count();
            return new Run(tooLarge, longest.get(), ProcessStatus.peak(worker.pid()));
        }
    }

    private static void pour(OutputStream out, AtomicLong longest) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        byte[] some = new byte[64 << 10];
        long sent = 0;
        try {
            while (sent < BODY) {
                out.write(some);
                sent += some.length;
            }
        } finally {
            longest.accumulateAndGet(sent, Math::max);
        }
    }
}
