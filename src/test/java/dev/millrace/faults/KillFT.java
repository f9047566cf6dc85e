package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 1: a worker is killed and started again and again, and every message is answered. */
class KillFT {
    private static final int MESSAGES = Integer.getInteger("millrace.kill.messages", 20_000);
    private static final int KILLS = 10;
    private static final int CONTROL_MESSAGES = 2000;
    private static final int STARTS = 3;

    @TempDir private Path folder;

    /** What a run came to. */
    private record Run(
            long lost, int duplicates, long deadLetters, int answeredAtKills, String line) {}

    @Test
    void everyMessageIsAnsweredAlthoughTheWorkerIsKilled() throws Exception {
        Reliability row =
                Reliability.row(
                        1,
                        "%,d messages, %d kills: 0 lost, 0 dead letters, duplicates ≤ what was answered and not deleted at each kill"
                                .formatted(MESSAGES, KILLS));
        Run run = run(MESSAGES, KILLS, row.seed());
        assertEquals(0, run.lost, run.line);
        assertEquals(0, run.deadLetters, run.line);
        String atKills =
                run.line + ", " + run.answeredAtKills + " answered and not deleted at a kill";
        assertTrue(run.answeredAtKills > 0, atKills);
        assertTrue(run.duplicates <= run.answeredAtKills, atKills);
        Run control = run(CONTROL_MESSAGES, 2, row.seed(), Without.DELETION_AT_THE_END);
        assertTrue(control.lost > 0, control.line);
        row.holds(
                "%s; %d times a message was answered and not deleted yet when the worker was killed"
                        .formatted(run.line, run.answeredAtKills),
                "deleted on receipt: " + control.line);
    }

    private Run run(int messages, int kills, long seed, Change... off) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestQueue queue = new TestQueue(5);
                Ledger ledger = new Ledger();
                Loopback images = new Loopback();
                FaultyQueue faulty = new FaultyQueue(queue.endpoint(), seed)) {
            String photo = images.photo("mpu-300x250-city-night.jpg");
            ledger.send(queue, "m", messages, i -> photo);
            AnsweredAtKills atKills = new AnsweredAtKills(faulty, ledger);
            for (int kill = 1; kill <= kills; kill++) {
                try (WorkerProcess worker = start(faulty, off)) {
                    // Somewhere in the share of the messages that belongs to this kill.
                    double share = (kill - random.nextDouble(0.8)) / (kills + 1);
                    awaitAnswers(ledger, (int) (share * messages));
                    worker.kill();
                }
                atKills.killed();
            }
            try (WorkerProcess worker = start(faulty, off)) {
                end(ledger, queue, worker);
            }
            return new Run(
                    ledger.lost(queue),
                    ledger.duplicates(),
                    queue.deadLetters(),
                    atKills.count(),
                    ledger.line(queue));
        }
    }

    private static void awaitAnswers(Ledger ledger, int answers) throws InterruptedException {
        Loopback.awaitUntil(
                () -> ledger.answered() >= answers, 120, () -> ledger.answered() + " answered");
    }

    /** Works until nothing is left in the queue. */
    private static void end(Ledger ledger, TestQueue queue, WorkerProcess worker)
            throws InterruptedException {
        Loopback.awaitUntil(() -> queue.left() == 0, 300, () -> ledger.state(queue));
        worker.terminate();
        assertEquals(0, worker.exitCode(25));
    }

    /**
     * As a supervisor does: a worker that finds the queue slow at its start ends, and is tried
     * again.
     */
    private WorkerProcess start(FaultyQueue queue, Change... off)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            WorkerProcess worker =
                    FaultSettings.of(queue.url()).queue("visibility: 5s").start(folder, off);
            try {
                worker.awaitReady();
                return worker;
            } catch (AssertionError e) {
                worker.close();
                if (attempt == STARTS) {
                    throw e;
                }
            }
        }
    }
}
