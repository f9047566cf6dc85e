package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Row 4: the queue refuses connections for half a minute. */
class QueueDownFT {
    private static final int MESSAGES = 2000;
    private static final int DOWN_SECONDS = 30;

    @TempDir private Path folder;

    @Test
    void theWorkerOutlivesTheQueue() throws Exception {
        Reliability row =
                Reliability.row(
                        4, "30 s down: no exit, ≤ 1 log line/s, back at work ≤ 5 s after, 0 lost");
        try (FaultBench rig = new FaultBench(row.seed(), 5);
                // 50 images a second, so that it is down in the middle of the work.
                WorkerProcess worker =
                        WorkerProcess.start(folder, rig.settings().simulate("0,20").yaml())) {
            worker.awaitReady();
            rig.send(MESSAGES);
            rig.ledger.await(100, 30);
            long linesBefore = lines(worker);
            rig.faulty.goDown();
            boolean naiveReturns = aNaiveReceiverReturns(rig);
            Thread.sleep(DOWN_SECONDS * 1000);
            long lines = lines(worker) - linesBefore;
            double failures = failures(worker.text("/metrics"));
            assertTrue(worker.isAlive());
            int before = rig.faulty.received.get();
            rig.faulty.comeBack();
            long backNs = System.nanoTime();
            Loopback.awaitUntil(() -> rig.faulty.received.get() > before, 20, () -> "none");
            double seconds = (System.nanoTime() - backNs) / 1e9;
            assertTrue(lines <= DOWN_SECONDS, lines + " lines");
            assertTrue(seconds <= 5, seconds + " s");
            rig.ledger.awaitAll(rig.queue, 120);
            rig.ledger.requireNothingLost(rig.queue);
            assertEquals(0, rig.queue.deadLetters());
            assertTrue(failures > DOWN_SECONDS, "unlimited it would log " + failures);
            assertFalse(naiveReturns);
            row.holds(
                    "alive, %d lines in %d s, back after %.1f s; %s"
                            .formatted(lines, DOWN_SECONDS, seconds, rig.line()),
                    "a line for each failed entry: %.0f; a loop of receive calls without the pauses ended at the first failure"
                            .formatted(failures));
        }
    }

    /** What most loops do: they end with the first exception. */
    private static boolean aNaiveReceiverReturns(FaultBench rig) {
        try (SqsClient client = SqsClients.create(QueueSettings.of(rig.faulty.url()))) {
            client.receiveMessage(request -> request.queueUrl(rig.faulty.url()));
            return true;
        } catch (SdkException e) {
            return false;
        }
    }

    /** Lines for the operator; those on finished messages are JSON. */
    private static long lines(WorkerProcess worker) {
        return worker.output().lines().filter(line -> !line.startsWith("{")).count();
    }

    private static double failures(String metrics) {
        return List.of("millrace_receive_errors_total", "millrace_acknowledge_errors_total")
                .stream()
                .mapToDouble(name -> value(metrics, name))
                .sum();
    }

    private static double value(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
                .sum();
    }
}
