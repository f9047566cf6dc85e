package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.LargestImage;
import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 5: the callback host refuses connections for a minute, in the middle of the work. Of six
 * images one is as large as allowed: those that are in flight would be some 900 MB, if the worker
 * held them until it is rid of their results.
 */
class CallbackDownFT {
    private static final int MESSAGES = 900;
    private static final int LARGE_EACH = 6;
    private static final int DOWN_SECONDS = 60;
    private static final long SECOND_NS = 1_000_000_000L;

    /** One look at the queue each 10 s, to learn of messages for other hosts. */
    private static final int LOOKS = DOWN_SECONDS / 10 + 1;

    /** Heap (512 MiB), the native libraries, and what the JVM itself needs. */
    private static final long BOUND = 1L << 30;

    @TempDir private Path folder;

    /**
     * What a run came to.
     *
     * @param polls calls that receive, from 2 s after the first message was held
     * @param peak of the resident memory, from the outage on
     */
    private record Run(
            long polls, long receives, long deadLetters, double drained, long peak, String line) {}

    @Test
    void pollingPausesAndMessagesAreHeld() throws Exception {
        Reliability row =
                Reliability.row(
                        5,
                        "60 s down, one image in %d of 49 megapixels and 20 MiB: polling pauses ≤ 2 s after the breaker opens (but for a look each 10 s), 0 dead letters, drained ≤ 60 s after, RSS ≤ %d MiB"
                                .formatted(LARGE_EACH, BOUND >> 20));
        Run run = run(row.seed());
        assertTrue(run.polls <= LOOKS, run.polls + " polls");
        assertEquals(0, run.deadLetters, run.line);
        assertTrue(run.drained <= 60, run.drained + " s");
        assertTrue(run.peak <= BOUND, (run.peak >> 20) + " MiB");
        Run control = run(row.seed(), Without.BREAKERS);
        assertTrue(control.polls > LOOKS, control.line);
        row.holds(
                "%d polls in the outage, %d receives beyond the first; %s; drained after %.1f s; peak RSS %d MiB"
                        .formatted(
                                run.polls,
                                run.receives - MESSAGES,
                                run.line,
                                run.drained,
                                run.peak >> 20),
                "breakers that never open: %d polls, %d receives beyond the first; %s"
                        .formatted(control.polls, control.receives - MESSAGES, control.line));
    }

    private Run run(long seed, Change... off) throws Exception {
        // It holds the image once, however many downloads there are.
        byte[] large = RawServer.ok(LargestImage.jpeg());
        try (FaultBench rig = new FaultBench(seed, 5);
                RawServer host = new RawServer((_, out) -> out.write(large));
                WorkerProcess worker =
                        rig.settings()
                                .queue("visibility: 10s")
                                .simulate("0,20")
                                .start(folder, off)) {
            worker.awaitReady();
            String largeUrl = "http://127.0.0.1:" + host.port() + "/large.jpg";
            String photo = rig.photo();
            rig.ledger.send(rig.queue, "m", MESSAGES, i -> i % LARGE_EACH == 0 ? largeUrl : photo);
            rig.ledger.await(100, 60);
            rig.ledger.goDown();
            long downNs = System.nanoTime();
            ProcessStatus.resetPeak(worker.pid());
            long polls = watch(rig, downNs);
            rig.ledger.comeBack();
            long backNs = System.nanoTime();
            if (off.length == 0) {
                rig.ledger.awaitAll(rig.queue, 120);
                rig.ledger.requireNothingLost(rig.queue);
            }
            return new Run(
                    polls,
                    rig.faulty.received.get(),
                    rig.queue.deadLetters(),
                    (System.nanoTime() - backNs) / 1e9,
                    ProcessStatus.peak(worker.pid()),
                    rig.state());
        }
    }

    private static long watch(FaultBench rig, long downNs) throws InterruptedException {
        Thread.sleep(DOWN_SECONDS * 1000);
        List<Long> calls = rig.faulty.receiveCallsNs;
        return calls.stream().filter(atNs -> atNs - downNs > 2 * SECOND_NS).count();
    }
}
