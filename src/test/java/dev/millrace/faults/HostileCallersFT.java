package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.HostileCallers.Attack;
import dev.millrace.faults.HostileCallers.Result;
import dev.millrace.faults.HostileCallers.Target;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Jcmd;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 32: callers that mean no good, one kind after the other, beside one that keeps to the rules.
 * The device takes 100 ms for each batch, so that the time of the one is the device's and not that
 * of a loaded machine.
 */
class HostileCallersFT {
    private static final String YAML =
            """
            device:
              type: host
              simulate: 100,0
            serve:
              port: 0
            reload: 0s
            models:
              - {task: safety, bundle: %s}
            """
                    .formatted(Path.of("engines", "safety").toAbsolutePath());

    private static final Path PHOTO =
            Path.of("src/main/resources/dev/millrace/verify/photos/mpu-300x250-city-night.jpg");
    private static final Pattern SERVING = Pattern.compile("serving at http://127.0.0.1:(\\d+)");

    /** Heap (512 MiB), the native libraries, and what the JVM itself needs. */
    private static final long BOUND = 1L << 30;

    private static final int LEAST = 60;
    private static final double SLOWER = 2;
    private static final int MIB = 1 << 20;

    @TempDir private Path folder;

    @Test
    void hostileCallersHarmNobodyElse() throws Exception {
        Reliability row =
                Reliability.row(
                        32,
                        "nine kinds of hostile callers: another caller's requests all answered, median and 90 %% within twice the time; peak RSS ≤ %d MiB, no handle, thread or MiB of heap kept"
                                .formatted(BOUND >> 20));
        List<String> lines = new ArrayList<>();
        List<String> controls = new ArrayList<>();
        try (WorkerProcess worker = start()) {
            Target target = target(worker);
            double[] alone = alone(target);
            long handles = ProcessStatus.handles(worker.pid());
            long threads = ProcessStatus.threads(worker.pid());
            long[] memory = memory(worker.pid());
            for (Attack attack : attacks()) {
                lines.add(attack(attack, target, alone));
            }
            Loopback.awaitUntil(
                    () -> handlesOf(worker.pid()) <= handles + 10,
                    90,
                    () -> handlesOf(worker.pid()) + " handles, " + handles + " before");
            long more = ProcessStatus.threads(worker.pid()) - threads;
            assertTrue(more <= 8, more + " more threads");
            long[] after = memory(worker.pid());
            long peak = ProcessStatus.peak(worker.pid()) / MIB;
            String kept =
                    "alone %.0f ms (90 %% %.0f ms); heap %d MiB before and %d after, native heap %d and %d; peak RSS %d MiB; %+d threads"
                            .formatted(
                                    alone[0],
                                    alone[1],
                                    memory[0] / MIB,
                                    after[0] / MIB,
                                    memory[1] / MIB,
                                    after[1] / MIB,
                                    peak,
                                    more);
            System.out.println(kept);
            assertTrue(after[0] - memory[0] < 16 * MIB, kept);
            assertTrue(after[1] - memory[1] < 64 * MIB, kept);
            assertTrue(peak <= BOUND / MIB, kept);
            lines.add(kept);
            // One line for each mistake of a stranger would fill a disk.
            long said =
                    worker.output()
                            .lines()
                            .filter(line -> line.matches(".* (WARN|ERROR) .*"))
                            .count();
            assertTrue(said <= 20, said + " lines:\n" + worker.output());
        }
        for (Attack attack : attacks()) {
            if (!attack.defences().isEmpty()) {
                controls.add(control(attack));
            }
        }
        row.holds(String.join("; ", lines), "without the defence: " + String.join("; ", controls));
    }

    /** All, or those whose names have the words of {@code -Dmillrace.callers}. */
    private static List<Attack> attacks() {
        String words = System.getProperty("millrace.callers", "");
        return HostileCallers.all().stream()
                .filter(attack -> attack.name().contains(words))
                .toList();
    }

    private WorkerProcess start(Change... off) throws IOException {
        Path fresh = Files.createTempDirectory(folder, "worker");
        Path classes = Undefended.changed(fresh, List.of(off));
        return WorkerProcess.start(fresh, YAML, "serve", List.of(), List.of(classes), classes);
    }

    private static Target target(WorkerProcess worker) throws Exception {
        Loopback.awaitUntil(
                () -> SERVING.matcher(worker.output()).find() || !worker.isAlive(),
                60,
                worker::output);
        Matcher serving = SERVING.matcher(worker.output());
        assertTrue(serving.find(), worker::output);
        return new Target(
                Integer.parseInt(serving.group(1)), worker.pid(), Files.readAllBytes(PHOTO));
    }

    /**
     * Median and the time for 90 % of one caller by itself; the first requests warm the worker up.
     */
    private static double[] alone(Target target) throws InterruptedException {
        for (int round = 0; round < 2; round++) {
            try (Innocents innocents = new Innocents(target.port(), target.photo())) {
                await(innocents);
                if (round == 1) {
                    return new double[] {innocents.within(0.5), innocents.within(0.9)};
                }
            }
        }
        throw new AssertionError();
    }

    private static void await(Innocents innocents) throws InterruptedException {
        Loopback.awaitUntil(
                () -> innocents.count() >= LEAST,
                60,
                () -> "only " + innocents.count() + " were answered: " + innocents.refused());
    }

    private static String attack(Attack attack, Target target, double[] alone) throws Exception {
        try (Innocents innocents = new Innocents(target.port(), target.photo())) {
            Result result = attack.doing().run(target);
            await(innocents);
            String line =
                    "%s: %s, another's requests %.0f ms (90 %% %.0f ms)"
                            .formatted(
                                    attack.name(),
                                    result.line(),
                                    innocents.within(0.5),
                                    innocents.within(0.9));
            System.out.println(line);
            assertEquals(List.of(), innocents.refused(), attack.name());
            assertTrue(result.good(), line);
            assertTrue(innocents.within(0.5) <= SLOWER * alone[0], line);
            assertTrue(innocents.within(0.9) <= SLOWER * alone[1], line);
            return line;
        }
    }

    private String control(Attack attack) throws Exception {
        try (WorkerProcess worker = start(attack.defences().toArray(Change[]::new))) {
            Result result = attack.doing().run(target(worker));
            assertFalse(result.good(), attack.name() + " without the defence: " + result.line());
            System.out.println("without: " + attack.name() + ": " + result.line());
            return attack.name() + ": " + result.line();
        }
    }

    /** Bytes of the Java heap that are used after a collection, and of the native one. */
    private static long[] memory(long pid) throws Exception {
        Jcmd.run(pid, "GC.run");
        Matcher used = Pattern.compile("used (\\d+)K").matcher(Jcmd.run(pid, "GC.heap_info"));
        assertTrue(used.find());
        return new long[] {Long.parseLong(used.group(1)) << 10, Jcmd.nativeHeap(pid)};
    }

    private static long handlesOf(long pid) {
        try {
            return ProcessStatus.handles(pid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many files a process may have open. */
    static long handlesAtMost(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "limits"))) {
            if (line.startsWith("Max open files")) {
                return Long.parseLong(line.split("\\s+")[3]);
            }
        }
        throw new IOException("no limit of open files");
    }
}
