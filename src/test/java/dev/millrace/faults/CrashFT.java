package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.CrashingClassifier;
import dev.millrace.testing.LateCrashingClassifier;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.NativeCrash;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 2: one image of a hundred crashes native code, and the worker with it. */
class CrashFT {
    private static final int MESSAGES = Integer.getInteger("millrace.crash.messages", 2000);
    private static final int CONTROL_MESSAGES = 100;
    private static final int LATE_MESSAGES = 50;

    /** Of a callback, so that many messages are in hand when one of them crashes the worker. */
    private static final Duration LATE_DELAY = Duration.ofMillis(100);

    private static final int OF_WHICH_ONE = 100;

    /** Of a message, before the queue calls it dead: what docs/contract.md advises. */
    private static final int MAX_RECEIVES = 5;

    /** Receives of a message that others crash beside, of which a few may have more. */
    private static final int FEW_RECEIVES = 3;

    private static final double MOST_OFTEN = 0.01;

    /** Crashes in the thread that has the results, where neither journal nor trial sees it. */
    private static final String LATE = "late";

    private static final String JOURNAL = "state:\n  directory: state\n";

    /** A worker that goes on after a crash as before it. */
    private static final Change CARELESS =
            new Change(
                    "quarantine/Caution.java",
                    "this.careful = whole.isPositive();",
                    "this.careful = false;");

    /** Nobody is tried and nobody is guilty. */
    private static final Change UNTRIED =
            new Change(
                    "quarantine/Quarantine.java",
                    "        String id = id(message);\n        if (suspects.isGuilty(id)) {",
                    "        String id = id(message);\n        if (true) {\n            return;\n        }\n        if (suspects.isGuilty(id)) {");

    private static final Pattern RECEIVES =
            Pattern.compile("\"id\":\"(m\\d+)\",\"receives\":(\\d+)");

    @TempDir private Path folder;

    /**
     * What a run came to.
     *
     * @param missed that crash a worker and did not end as poison
     * @param condemned that harm nobody and ended as poison
     * @param often innocents that were received more than a few times, of all innocents
     */
    private record Run(
            long lost,
            long dead,
            int missed,
            int condemned,
            double often,
            int restarts,
            String line) {
        void holds() {
            assertEquals(0, lost, line);
            assertEquals(0, dead, line);
            assertEquals(0, condemned, line);
            assertEquals(0, missed, line);
        }
    }

    @Test
    void onlyTheImagesThatCrashAreGivenUp() throws Exception {
        Reliability row =
                Reliability.row(
                        2,
                        "%,d messages, SIGSEGV for 1 %%, `maxReceiveCount` %d: 0 lost, 0 dead letters, poison exactly those, ≤ 1 %% of the others received more than %d times"
                                .formatted(MESSAGES, MAX_RECEIVES, FEW_RECEIVES));
        Run run = supervised("crashing", MESSAGES, row.seed());
        run.holds();
        assertTrue(run.often <= MOST_OFTEN, run.line);
        Run receives = restarted(CONTROL_MESSAGES, row.seed());
        receives.holds();
        Run late = supervised(LATE, LATE_MESSAGES, row.seed());
        assertEquals(0, late.lost + late.condemned, late.line);
        assertEquals(1, late.dead, late.line);
        assertTrue(late.often <= MOST_OFTEN, late.line);
        Run untried = supervised("crashing", CONTROL_MESSAGES, row.seed(), UNTRIED);
        assertTrue(untried.dead > 0 && untried.missed > 0, untried.line);
        Run careless = supervised(LATE, LATE_MESSAGES, row.seed(), CARELESS);
        // Those that were beside the guilty one come back often, or are dead with it.
        assertTrue(careless.often > MOST_OFTEN || careless.dead > 1, careless.line);
        row.holds(
                "%s; without a state directory: %s; where no trial finds them: %s"
                        .formatted(run.line, receives.line, late.line),
                "no trials: %s; where no trial finds them and the worker is not careful: %s"
                        .formatted(untried.line, careless.line));
    }

    private Run supervised(String bundle, int messages, long seed, Change... off) throws Exception {
        try (Scene scene = new Scene(bundle, messages, seed);
                WorkerProcess supervisor = scene.start("supervise", JOURNAL, off)) {
            supervisor.awaitReady();
            Recovery recovery = new Recovery(supervisor);
            scene.awaitEnd(600);
            // What was the last to crash it may be dead before it is ready again.
            supervisor.awaitReady();
            recovery.end();
            String metrics = supervisor.text("/metrics");
            int restarts = number(metrics, "millrace_restarts_total (\\d+)");
            assertTrue(restarts > 0, "none crashed");
            supervisor.terminate();
            assertEquals(0, supervisor.exitCode(30), supervisor.output());
            assertEquals(restarts, recovery.count(), "a crash that the supervisor did not count");
            if (off.length == 0) {
                assertEquals(0, number(metrics, "millrace_suspects (\\d+)"), "all are answered");
                assertTrue(supervisor.output().contains("careful for"), supervisor.output());
            }
            try (var files = Files.list(scene.home.resolve("state"))) {
                long reports =
                        files.filter(f -> f.getFileName().toString().startsWith("hs_err_pid"))
                                .count();
                assertEquals(Math.min(10, restarts), reports);
            }
            return scene.run(restarts, supervisor.output(), ", " + recovery.line());
        }
    }

    /** As a container platform does, with nothing that outlives the worker. */
    private Run restarted(int messages, long seed) throws Exception {
        try (Scene scene = new Scene("crashing", messages, seed)) {
            StringBuilder output = new StringBuilder();
            int restarts = -1;
            while (scene.queue.left() > 0) {
                restarts++;
                try (WorkerProcess worker = scene.start("worker", "")) {
                    while (worker.isAlive() && scene.queue.left() > 0) {
                        Thread.sleep(100);
                    }
                    worker.terminate();
                    worker.exitCode(30);
                    output.append(worker.output());
                }
                assertTrue(restarts < 40, "it must end");
            }
            return scene.run(restarts, output.toString(), "");
        }
    }

    private static int number(String text, String pattern) {
        List<MatchResult> found = Pattern.compile(pattern).matcher(text).results().toList();
        assertEquals(1, found.size(), pattern + " in " + text);
        return Integer.parseInt(found.getFirst().group(1));
    }

    /** A queue of messages of which some are poison, and the books. */
    private final class Scene implements AutoCloseable {
        final String bundle;
        final Path home = Files.createTempDirectory(folder, "worker");
        final TestQueue queue;
        final Ledger ledger = new Ledger();
        final Loopback images = new Loopback();
        final Set<String> poisonous = new TreeSet<>();

        /**
         * @param bundle whose module crashes
         */
        Scene(String bundle, int messages, long seed) throws IOException {
            this.bundle = bundle;
            queue = new TestQueue(MAX_RECEIVES);
            if (bundle.equals(LATE)) {
                ledger.delay = LATE_DELAY;
            }
            SplittableRandom random = new SplittableRandom(seed);
            Set<Integer> chosen = new HashSet<>();
            while (chosen.size() < Math.max(1, messages / OF_WHICH_ONE)) {
                chosen.add(random.nextInt(messages));
            }
            chosen.forEach(i -> poisonous.add("m" + i));
            String good = images.photo("mpu-300x250-city-night.jpg");
            String bad = images.photo("png-451x300-cat.png");
            ledger.send(queue, "m", messages, i -> chosen.contains(i) ? bad : good);
        }

        WorkerProcess start(String command, String more, Change... off) throws IOException {
            String yaml =
                    FaultSettings.of(queue.url()).queue("visibility: 8s").bundle(bundle()).yaml()
                            + more;
            List<String> flags =
                    List.of(
                            "-XX:-CreateCoredumpOnCrash",
                            "-XX:ErrorFile=" + home.resolve("hs_err.log"));
            Path module =
                    ModuleClasses.copy(
                            home,
                            CrashingClassifier.class,
                            LateCrashingClassifier.class,
                            NativeCrash.class);
            List<Path> changed =
                    off.length == 0
                            ? List.of()
                            : List.of(Undefended.changed(home.resolve("off"), List.of(off)));
            return WorkerProcess.start(home, yaml, command, flags, changed, module);
        }

        private Path bundle() throws IOException {
            Path crashing = Path.of("src/test/resources/engines/crashing");
            return bundle.equals(LATE)
                    ? ModuleClasses.bundle(
                            crashing,
                            Files.createDirectories(home.resolve(LATE)),
                            LateCrashingClassifier.class)
                    : crashing;
        }

        void awaitEnd(int seconds) throws InterruptedException {
            Loopback.awaitUntil(
                    () -> queue.left() == 0, seconds, () -> ledger.answered() + " answered");
        }

        Run run(int restarts, String output, String more) {
            Set<String> condemned = new TreeSet<>();
            ledger.callbacks()
                    .forEach(
                            (id, callbacks) -> {
                                if (callbacks.stream().anyMatch(c -> c.error().equals("poison"))) {
                                    condemned.add(id);
                                }
                            });
            Set<String> missed = new TreeSet<>(poisonous);
            missed.removeAll(condemned);
            int guilty = condemned.size();
            condemned.removeAll(poisonous);
            Map<String, Integer> receives = new HashMap<>();
            RECEIVES.matcher(output)
                    .results()
                    .forEach(
                            found ->
                                    receives.merge(
                                            found.group(1),
                                            Integer.parseInt(found.group(2)),
                                            Math::max));
            receives.keySet().removeAll(poisonous);
            int[] times = new int[MAX_RECEIVES + 1];
            receives.values().forEach(count -> times[count]++);
            long often = receives.values().stream().filter(n -> n > FEW_RECEIVES).count();
            return new Run(
                    ledger.lost(queue)
                            + Math.max(0, ledger.sent() - ledger.answered() - queue.deadLetters()),
                    queue.deadLetters(),
                    missed.size(),
                    condemned.size(),
                    (double) often / (ledger.sent() - poisonous.size()),
                    restarts,
                    "%s, poison %d of %d, %d others received 1, 2, 3, 4, 5 times: %s, %d restarts%s"
                            .formatted(
                                    ledger.line(queue),
                                    guilty - condemned.size(),
                                    poisonous.size(),
                                    receives.size(),
                                    Arrays.toString(Arrays.copyOfRange(times, 1, times.length)),
                                    restarts,
                                    more));
        }

        @Override
        public void close() {
            images.close();
            ledger.close();
            queue.close();
        }
    }

    /** How long nobody was ready, each time. */
    private static final class Recovery {
        private final WorkerProcess process;
        private final List<Double> seconds = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final Thread thread = Thread.ofPlatform().unstarted(this::watch);
        private volatile boolean ended;

        Recovery(WorkerProcess process) {
            this.process = process;
            thread.start();
        }

        private void watch() {
            long downNs = 0;
            try {
                for (boolean last = false; !last; ) {
                    last = ended;
                    boolean ready = process.status("/v2/health/ready") == 200;
                    if (!ready && downNs == 0) {
                        downNs = System.nanoTime();
                    } else if (ready && downNs != 0) {
                        seconds.add((System.nanoTime() - downNs) / 1e9);
                        downNs = 0;
                    }
                    Thread.sleep(50);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void end() throws InterruptedException {
            ended = true;
            thread.join();
        }

        int count() {
            return seconds.size();
        }

        String line() {
            List<Double> sorted = seconds.stream().sorted().toList();
            return "ready again after %.1f s in the median, %.1f s at most"
                    .formatted(sorted.get(sorted.size() / 2), sorted.getLast());
        }
    }
}
