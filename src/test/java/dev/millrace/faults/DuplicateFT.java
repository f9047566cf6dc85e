package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.job.Counter;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 3: the queue delivers some messages twice, at once. */
class DuplicateFT {
    private static final int MESSAGES = 5000;

    @TempDir private Path folder;

    /** What a run came to: jobs with more than one id or body. */
    private record Run(int duplicates, int callbacks, long otherIds, long otherBodies) {
        String line() {
            return "%,d sent, %d delivered twice, %d callbacks twice; more than one webhook-id: %d, more than one body: %d"
                    .formatted(MESSAGES, duplicates, callbacks, otherIds, otherBodies);
        }
    }

    @Test
    void aDuplicateIsAnsweredWithTheSameIdAndTheSameBytes() throws Exception {
        Reliability row =
                Reliability.row(
                        3,
                        "%,d messages, 1 %% delivered twice: one `webhook-id` per job, and one body hash per job and worker"
                                .formatted(MESSAGES));
        Run run = run(row.seed(), 1);
        assertTrue(run.duplicates > MESSAGES / 200 && run.callbacks > 0, run.line());
        assertEquals(0, run.otherIds, run.line());
        assertEquals(0, run.otherBodies, run.line());
        // The id comes of the message, so that it holds; a result is kept by the worker that made
        // it.
        Run two = run(row.seed(), 2);
        assertTrue(two.callbacks > 0, two.line());
        assertEquals(0, two.otherIds, two.line());
        Run control = run(row.seed(), 1, Without.KEPT_RESULTS);
        assertTrue(control.otherBodies > 0, control.line());
        row.holds(
                "one worker: %s; two workers, which share no memory, so that a body may differ: %s"
                        .formatted(run.line(), two.line()),
                "results are not kept: " + control.line());
    }

    private Run run(long seed, int workers, Change... off) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess first = rig.settings().start(folder, off);
                WorkerProcess second = workers == 2 ? rig.settings().start(folder, off) : null) {
            first.awaitReady();
            if (second != null) {
                second.awaitReady();
            }
            rig.faulty.duplicated = 0.01;
            rig.send(MESSAGES);
            rig.ledger.awaitAll(rig.queue, 120);
            assertEquals(
                    off.length == 0, first.counter(Counter.REPEATED) > 0, "some met their result");
            return count(rig);
        }
    }

    private static Run count(FaultBench rig) {
        long ids = 0;
        long bodies = 0;
        for (List<Ledger.Callback> all : rig.ledger.callbacks().values()) {
            ids += all.stream().map(Ledger.Callback::webhookId).distinct().count() > 1 ? 1 : 0;
            bodies += all.stream().map(Ledger.Callback::hash).distinct().count() > 1 ? 1 : 0;
        }
        return new Run(rig.faulty.duplicates.get(), rig.ledger.duplicates(), ids, bodies);
    }
}
