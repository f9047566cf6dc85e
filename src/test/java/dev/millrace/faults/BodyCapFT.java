package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.SocketQueues;
import dev.millrace.testing.WorkerProcess;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 11: image hosts that send 64 MB and do not say how much. They send as much as the cap as fast
 * as they can, and from there on a little at a time, each only when the worker has read all before
 * it: what a host has written says nothing, since the kernel's buffers may hold tens of megabytes.
 */
class BodyCapFT {
    private static final int BODY = 64_000_000;
    private static final int BODIES = Integer.getInteger("millrace.cap.bodies", 1000);
    private static final int CONTROL_BODIES = 20;
    private static final int CAP = 4 << 20;

    /** What the control's worker takes for the cap. */
    private static final int TOO_LARGE_CAP = 3 * CAP;

    /** By how much a worker may read beyond its cap. */
    private static final int BEYOND = 64_000;

    /** How much it then sends at a time: what the sockets' buffers may hold at the end. */
    private static final int STEP = 16 << 10;

    private static final int PIECE = 64 << 10;

    /** Heap (512 MiB), the native libraries, and what the JVM itself needs. */
    private static final long BOUND = 1L << 30;

    @TempDir private Path folder;
    private SocketQueues queues;

    /**
     * What a run came to.
     *
     * @param longest that a host had sent when its connection was closed
     */
    private record Run(int bodies, long tooLarge, long longest, long peak) {
        String line() {
            return "%,d bodies: %,d refused as too large, at most %,d bytes sent, %,d beyond the cap; peak RSS %d MiB"
                    .formatted(bodies, tooLarge, longest, longest - CAP, peak >> 20);
        }

        boolean isCut() {
            return longest <= CAP + BEYOND + STEP;
        }
    }

    @Test
    void bodiesWithoutLengthAreCut() throws Exception {
        Reliability row =
                Reliability.row(
                        11,
                        "%,d bodies of 64 MB without a length: cut at the cap of 4 MiB + 64 kB + what the sockets' buffers hold; peak RSS ≤ %d MiB"
                                .formatted(BODIES, BOUND >> 20));
        Run run = run(row.seed(), BODIES, CAP);
        assertEquals(BODIES, run.tooLarge);
        assertTrue(run.isCut(), run.line());
        assertTrue(run.longest >= CAP, run.line());
        assertTrue(run.peak <= BOUND, run.line());
        Run control = run(row.seed(), CONTROL_BODIES, TOO_LARGE_CAP);
        assertFalse(control.isCut(), control.line());
        row.holds(
                "%s (allowed are %,d beyond, and %,d that the sockets' buffers may hold)"
                        .formatted(run.line(), BEYOND, STEP),
                "a worker whose cap is three times too large: " + control.line());
    }

    private Run run(long seed, int bodies, int cap) throws Exception {
        AtomicLong longest = new AtomicLong();
        try (FaultBench rig = new FaultBench(seed, 5);
                RawServer host = RawServer.ofSockets((_, socket) -> pour(socket, longest));
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().fetch("maxBytes: " + cap).yaml())) {
            worker.awaitReady();
            queues = new SocketQueues(host.port());
            String url = "http://127.0.0.1:" + host.port() + "/a.jpg";
            rig.ledger.send(rig.queue, "m", bodies, i -> url);
            rig.ledger.awaitAll(rig.queue, 400);
            long tooLarge =
                    rig.ledger.callbacks().values().stream()
                            .filter(all -> all.getFirst().error().equals("too_large"))
                            .count();
            return new Run(bodies, tooLarge, longest.get(), ProcessStatus.peak(worker.pid()));
        }
    }

    private void pour(Socket socket, AtomicLong longest) throws Exception {
        OutputStream out = socket.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        byte[] piece = new byte[PIECE];
        long sent = 0;
        try {
            while (sent < BODY) {
                boolean careful = sent >= CAP && sent <= CAP + 2 * BEYOND;
                if (careful && !isRead(socket)) {
                    return;
                }
                int more = careful ? STEP : PIECE;
                out.write(piece, 0, more);
                sent += more;
            }
        } finally {
            longest.accumulateAndGet(sent, Math::max);
        }
    }

    /**
     * Waits until the worker has read all that was sent; false where it has closed the connection
     * instead.
     */
    private boolean isRead(Socket socket) throws Exception {
        while (true) {
            OptionalLong unread = queues.unread(socket);
            if (unread.isEmpty() || unread.getAsLong() == 0) {
                return unread.isPresent();
            }
            Thread.sleep(5);
        }
    }
}
