package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.ResultScene.Kind;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rows 28 to 31: what rows 1, 3, 5 and 16 promise of callbacks, for results in a queue, a topic, a
 * bucket and on standard output. Nobody throttles a pipe; in the place of that its reader goes
 * away.
 */
class ResultsFT {
    private static final int FIRST_ROW = 28;
    private static final int MESSAGES = 600;
    private static final int KILLS = 2;
    private static final int DOWN_SECONDS = 20;
    private static final int LOOKS = DOWN_SECONDS / 10 + 1;
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir private Path folder;

    /** A queue with messages, the books, and where results go. */
    private static final class Rig implements AutoCloseable {
        final FaultBench bench;
        final ResultScene scene;

        Rig(Kind kind, long seed) throws Exception {
            bench = new FaultBench(seed, 5);
            scene = new ResultScene(kind, seed, bench.ledger);
        }

        FaultSettings settings() {
            return bench.settings().callback("attempts: 8");
        }

        /** Works until nothing is left in the queue, and reads what came. */
        void end(WorkerProcess worker) throws InterruptedException {
            Loopback.awaitUntil(() -> bench.queue.left() == 0, 120, () -> said(worker));
            worker.terminate();
            assertEquals(0, worker.exitCode(25));
            scene.awaitRead();
        }

        String said(WorkerProcess worker) {
            String log = worker.output();
            return bench.state() + "\n" + log.substring(Math.max(0, log.length() - 4000));
        }

        long lost() {
            return bench.ledger.lost(bench.queue);
        }

        @Override
        public void close() {
            bench.close();
            scene.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void allThatCallbacksPromise(Kind kind) throws Exception {
        Reliability row =
                Reliability.row(
                        FIRST_ROW + kind.ordinal(),
                        "%d messages each: %d kills, 5 %% delivered twice, %d s down, %s: 0 lost, 0 dead letters, duplicates ≤ what was answered and not deleted at each kill"
                                .formatted(
                                        MESSAGES,
                                        KILLS,
                                        DOWN_SECONDS,
                                        kind == Kind.OUTPUT
                                                ? "the reader gone"
                                                : "1 of 10 entries failing and 20 % of calls throttled"));
        String kills = kills(kind, row.seed());
        String copies = copies(kind, row.seed());
        String outage = outage(kind, row.seed());
        String faults =
                kind == Kind.OUTPUT ? closedPipe(row.seed()) : partialFailures(kind, row.seed());
        row.holds(
                "kills: %s; copies: %s; outage: %s; faults: %s"
                        .formatted(kills, copies, outage, faults),
                "deleted on receipt: %s; results are not kept: %s; delivered before it was confirmed: %s; refusals count as taken: %s"
                        .formatted(
                                killsControl(kind, row.seed()),
                                copiesControl(kind, row.seed()),
                                outageControl(kind, row.seed()),
                                kind == Kind.OUTPUT
                                        ? closedPipeControl(row.seed())
                                        : partialFailuresControl(kind, row.seed())));
    }

    private String kills(Kind kind, long seed) throws Exception {
        try (Rig rig = new Rig(kind, seed)) {
            AnsweredAtKills atKills = kill(rig, KILLS);
            assertEquals(0, rig.lost(), rig.bench.state());
            assertEquals(0, rig.bench.queue.deadLetters(), rig.bench.state());
            String line = rig.bench.line() + ", " + atKills.count() + " answered at kills";
            assertTrue(rig.bench.ledger.duplicates() <= atKills.count(), line);
            return line;
        }
    }

    private String killsControl(Kind kind, long seed) throws Exception {
        try (Rig rig = new Rig(kind, seed)) {
            kill(rig, 1, Without.DELETION_AT_THE_END);
            assertTrue(rig.lost() > 0, rig.bench.state());
            return rig.bench.line();
        }
    }

    /** What a killed worker held is soon visible again. */
    private static FaultSettings killed(Rig rig) {
        return rig.settings().queue("visibility: 5s");
    }

    private AnsweredAtKills kill(Rig rig, int kills, Change... off) throws Exception {
        AnsweredAtKills atKills = new AnsweredAtKills(rig.bench.faulty, rig.bench.ledger);
        rig.bench.send(MESSAGES);
        for (int kill = 1; kill <= kills; kill++) {
            try (WorkerProcess worker = rig.scene.start(killed(rig).simulate("1,5"), folder, off)) {
                int share = MESSAGES * kill / (kills + 2);
                Loopback.awaitUntil(
                        () -> rig.bench.ledger.answered() >= share, 60, () -> rig.said(worker));
                worker.kill();
                rig.scene.awaitRead();
            }
            atKills.killed();
        }
        try (WorkerProcess worker = rig.scene.start(killed(rig), folder, off)) {
            if (off.length == 0) {
                rig.end(worker);
            } else {
                // What it deleted on receipt it cannot give back.
                Loopback.awaitUntil(() -> rig.bench.queue.left() == 0, 120, () -> rig.said(worker));
                worker.kill();
                rig.scene.awaitRead();
            }
        }
        return atKills;
    }

    private String copies(Kind kind, long seed) throws Exception {
        return copies(kind, seed, 0);
    }

    private String copiesControl(Kind kind, long seed) throws Exception {
        return copies(kind, seed, 1, Without.KEPT_RESULTS);
    }

    /**
     * @param bodies how many messages have results that differ, at least; at most where that is 0
     */
    private String copies(Kind kind, long seed, int bodies, Change... off) throws Exception {
        try (Rig rig = new Rig(kind, seed);
                WorkerProcess worker = rig.scene.start(rig.settings(), folder, off)) {
            worker.awaitReady();
            rig.bench.faulty.duplicated = 0.05;
            rig.bench.send(MESSAGES);
            rig.end(worker);
            long ids = differing(rig, true);
            long other = differing(rig, false);
            String line =
                    "%d delivered twice, %d answered twice, more than one id: %d, more than one body: %d"
                            .formatted(
                                    rig.bench.faulty.duplicates.get(),
                                    rig.bench.ledger.duplicates(),
                                    ids,
                                    other);
            assertTrue(rig.bench.ledger.duplicates() > 0, line);
            assertEquals(0, ids, line);
            assertTrue(bodies == 0 ? other == 0 : other >= bodies, line);
            return line;
        }
    }

    private static long differing(Rig rig, boolean id) {
        return rig.bench.ledger.callbacks().values().stream()
                .filter(
                        all ->
                                all.stream()
                                                .map(one -> id ? one.webhookId() : one.hash())
                                                .distinct()
                                                .count()
                                        > 1)
                .count();
    }

    private String outage(Kind kind, long seed) throws Exception {
        try (Rig rig = new Rig(kind, seed);
                WorkerProcess worker =
                        rig.scene.start(rig.settings().simulate("0,20").messages(128), folder)) {
            worker.awaitReady();
            rig.bench.send(MESSAGES);
            rig.bench.ledger.await(50, 60);
            rig.scene.goDown();
            long downNs = System.nanoTime();
            Thread.sleep(DOWN_SECONDS * 1000);
            List<Long> calls = rig.bench.faulty.receiveCallsNs;
            // A pipe takes 64 KiB before it says that nobody reads.
            long quietNs = (kind == Kind.OUTPUT ? DOWN_SECONDS / 2 : 3) * SECOND_NS;
            long polls = calls.stream().filter(atNs -> atNs - downNs > quietNs).count();
            rig.scene.comeBack();
            long backNs = System.nanoTime();
            rig.end(worker);
            double drained = (System.nanoTime() - backNs) / 1e9;
            assertTrue(polls <= LOOKS, polls + " polls; " + rig.said(worker));
            assertEquals(0, rig.lost(), rig.bench.state());
            assertEquals(0, rig.bench.queue.deadLetters(), rig.bench.state());
            return "%d polls while down, %s, drained after %.1f s"
                    .formatted(polls, rig.bench.state(), drained);
        }
    }

    private String outageControl(Kind kind, long seed) throws Exception {
        try (Rig rig = new Rig(kind, seed);
                WorkerProcess worker =
                        rig.scene.start(
                                rig.settings().simulate("0,5"),
                                folder,
                                Without.CONFIRMED_RESULTS)) {
            worker.awaitReady();
            rig.scene.goDown();
            rig.bench.send(MESSAGES);
            Loopback.awaitUntil(() -> rig.bench.queue.left() == 0, 60, () -> rig.said(worker));
            worker.kill();
            rig.scene.comeBack();
            rig.scene.awaitRead();
            assertTrue(rig.lost() > 0, rig.bench.state());
            return rig.bench.state();
        }
    }

    private String partialFailures(Kind kind, long seed) throws Exception {
        try (Rig rig = new Rig(kind, seed);
                WorkerProcess worker = rig.scene.start(rig.settings(), folder)) {
            worker.awaitReady();
            rig.scene.fail();
            rig.bench.send(MESSAGES);
            rig.end(worker);
            assertEquals(0, rig.lost(), rig.bench.state());
            assertEquals(0, rig.bench.ledger.duplicates(), rig.bench.state());
            assertEquals(0, rig.bench.queue.deadLetters(), rig.bench.state());
            return rig.bench.state();
        }
    }

    private String partialFailuresControl(Kind kind, long seed) throws Exception {
        try (Rig rig = new Rig(kind, seed);
                WorkerProcess worker = rig.scene.start(rig.settings(), folder, kind.care)) {
            worker.awaitReady();
            rig.scene.fail();
            rig.bench.send(MESSAGES);
            rig.end(worker);
            assertTrue(rig.lost() > 0, rig.bench.state());
            return rig.bench.state();
        }
    }

    /** The reader goes away amid the work: the worker ends, and another one does the rest. */
    private String closedPipe(long seed) throws Exception {
        try (Rig rig = new Rig(Kind.OUTPUT, seed)) {
            String line;
            try (WorkerProcess worker = rig.scene.start(rig.settings().simulate("0,5"), folder)) {
                rig.bench.send(MESSAGES);
                rig.bench.ledger.await(100, 60);
                rig.scene.fail();
                assertEquals(1, worker.exitCode(30));
                List<String> said =
                        worker.output().lines().filter(one -> one.contains("ERROR")).toList();
                assertEquals(1, said.size(), worker.output());
                line = said.getFirst();
                assertTrue(line.contains("standard output takes no results any more"), line);
            }
            // What the reader that went away had read is entered; of the rest nothing is lost.
            try (WorkerProcess worker = rig.scene.start(rig.settings(), folder)) {
                rig.end(worker);
            }
            // What was in the pipe had been written and was never read.
            long unread = rig.lost();
            assertTrue(unread <= 64 << 10 >> 8, unread + " unread; " + rig.bench.state());
            assertEquals(0, rig.bench.queue.deadLetters(), rig.bench.state());
            return "exit code 1, one line, %d read by nobody from the pipe, %s"
                    .formatted(unread, rig.bench.state());
        }
    }

    private String closedPipeControl(long seed) throws Exception {
        try (Rig rig = new Rig(Kind.OUTPUT, seed);
                WorkerProcess worker =
                        rig.scene.start(rig.settings().simulate("0,5"), folder, Kind.OUTPUT.care)) {
            rig.bench.send(MESSAGES);
            rig.bench.ledger.await(100, 60);
            rig.scene.fail();
            Loopback.awaitUntil(() -> rig.bench.queue.left() == 0, 60, () -> rig.said(worker));
            long lost = rig.lost();
            assertTrue(lost > 64 << 10 >> 8, lost + " lost; " + rig.bench.state());
            return rig.bench.state();
        }
    }
}
