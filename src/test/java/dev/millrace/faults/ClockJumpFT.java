package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 17: the wall clock of the worker's process jumps while it holds leases. */
class ClockJumpFT {
    private static final int MESSAGES = 200;
    private static final int HOUR = 3600;
    private static final int VISIBILITY_SECONDS = 10;
    private static final int CALLBACK_SECONDS = 25;
    private static final Path SHIM =
            Path.of(System.getProperty("millrace.fakes", "target/native"), "libclock_jump.so")
                    .toAbsolutePath();

    @TempDir private Path folder;

    @Test
    void nothingExpiresWhenTheClockJumps() throws Exception {
        Reliability row =
                Reliability.row(
                        17,
                        "± 1 h while %d leases of %d s are held: 0 redeliveries, a heartbeat each third"
                                .formatted(MESSAGES, VISIBILITY_SECONDS));
        if (!Files.exists(SHIM)) {
            row.cannotRun("there was no C++ compiler for the library that moves the clock");
        }
        row.holds(jump(row.seed()), control(row.seed()));
    }

    private WorkerProcess start(FaultBench rig, Path clock, Change... off) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        return WorkerProcess.startWith(
                Undefended.changed(fresh, List.of(off)),
                List.of("env", "LD_PRELOAD=" + SHIM, "CLOCK_JUMP_FILE=" + clock),
                fresh,
                rig.settings()
                        .queue("visibility: " + VISIBILITY_SECONDS + "s")
                        .callback("timeout: 60s")
                        .yaml());
    }

    private String jump(long seed) throws Exception {
        Path clock = Files.writeString(folder.resolve("clock"), "0");
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker = start(rig, clock)) {
            worker.awaitReady();
            rig.ledger.delay = Duration.ofSeconds(CALLBACK_SECONDS);
            Files.writeString(clock, Integer.toString(HOUR));
            rig.send(MESSAGES);
            Loopback.awaitUntil(() -> rig.ledger.arrivals() >= MESSAGES, 60, rig::state);
            Files.writeString(clock, Integer.toString(-HOUR));
            Thread.sleep(CALLBACK_SECONDS * 1000 / 2);
            Files.writeString(clock, "0");
            rig.ledger.awaitAll(rig.queue, CALLBACK_SECONDS);
            assertEquals(MESSAGES, rig.faulty.received.get(), "redelivered");
            assertEquals(0, rig.ledger.duplicates());
            long ahead = ahead(rig.ledger);
            assertEquals(MESSAGES, ahead, "callbacks that carry the time of the moved clock");
            List<Double> gaps = gaps(rig.faulty.hiddenNs);
            double shortest = gaps.stream().mapToDouble(gap -> gap).min().orElse(0);
            double longest = gaps.stream().mapToDouble(gap -> gap).max().orElse(0);
            String beats =
                    "%,d heartbeats, each after %.1f to %.1f s"
                            .formatted(gaps.size(), shortest, longest);
            assertTrue(
                    gaps.size() >= MESSAGES * (CALLBACK_SECONDS * 3 / VISIBILITY_SECONDS - 2),
                    beats);
            assertTrue(shortest > 2 && longest < VISIBILITY_SECONDS / 2.0, beats);
            return "0 redeliveries of %d, %s; %d callbacks carry a time that is 1 h ahead"
                    .formatted(MESSAGES, beats, ahead);
        }
    }

    private static long ahead(Ledger ledger) {
        long nowSeconds = System.currentTimeMillis() / 1000;
        return ledger.callbacks().values().stream()
                .filter(all -> all.getFirst().epochSeconds() > nowSeconds + HOUR / 2)
                .count();
    }

    /** Seconds between the receipt and the heartbeats of each message. */
    private static List<Double> gaps(Map<String, List<Long>> hiddenNs) {
        List<Double> gaps = new ArrayList<>();
        for (List<Long> times : hiddenNs.values()) {
            for (int i = 1; i < times.size(); i++) {
                gaps.add((times.get(i) - times.get(i - 1)) / 1e9);
            }
        }
        return gaps;
    }

    /** The same messages and jumps, until a message comes again. */
    private String control(long seed) throws Exception {
        Path clock = Files.writeString(folder.resolve("clock"), "0");
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker = start(rig, clock, Without.MONOTONIC_HEARTBEATS)) {
            worker.awaitReady();
            rig.ledger.delay = Duration.ofSeconds(CALLBACK_SECONDS);
            Files.writeString(clock, Integer.toString(HOUR));
            rig.send(MESSAGES);
            Loopback.awaitUntil(() -> rig.ledger.arrivals() >= MESSAGES, 60, rig::state);
            Files.writeString(clock, Integer.toString(-HOUR));
            Loopback.awaitUntil(
                    () -> rig.faulty.received.get() > MESSAGES, CALLBACK_SECONDS, rig::state);
            return "heartbeats by the wall clock: %d redeliveries of %d"
                    .formatted(rig.faulty.received.get() - MESSAGES, MESSAGES);
        }
    }
}
