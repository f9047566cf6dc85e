package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.CrashingClassifier;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.NativeCrash;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
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
    private static final int CONTROL_MESSAGES = 200;
    private static final int OF_WHICH_ONE = 100;

    /** Of a message, before the queue calls it dead. */
    private static final int MAX_RECEIVES = 12;

    private static final String JOURNAL = "state:\n  directory: state\n";

    /** No journal, so that no worker knows whom to suspect, and nobody is suspect by receives. */
    private static final String NONE = "quarantine:\n  receives: 0\n";

    private static final Pattern POISON =
            Pattern.compile("\"id\":\"(m\\d+)\",\"receives\":(\\d+).*\"kind\":\"poison\"");

    @TempDir private Path folder;

    /** What a run came to. */
    private record Run(boolean contained, int restarts, String line) {}

    @Test
    void onlyTheImagesThatCrashAreGivenUp() throws Exception {
        Reliability row =
                Reliability.row(
                        2,
                        "%,d messages, SIGSEGV for 1 %%: 0 lost, 0 dead letters, poison exactly those"
                                .formatted(MESSAGES));
        Run run = supervised(row.seed());
        assertTrue(run.contained, run.line);
        Run receives = restarted("", CONTROL_MESSAGES / 2, MAX_RECEIVES, row.seed());
        assertTrue(receives.contained, receives.line);
        Run control = restarted(NONE, CONTROL_MESSAGES, 4, row.seed());
        assertFalse(control.contained, control.line);
        row.holds(
                run.line + "; without a state directory: " + receives.line,
                "nothing is suspect: " + control.line);
    }

    private Run supervised(long seed) throws Exception {
        try (Scene scene = new Scene(MESSAGES, MAX_RECEIVES, seed);
                WorkerProcess supervisor = scene.start("supervise", JOURNAL)) {
            supervisor.awaitReady();
            Recovery recovery = new Recovery(supervisor);
            scene.awaitEnd(400);
            recovery.end();
            String metrics = supervisor.text("/metrics");
            int restarts = number(metrics, "millrace_restarts_total (\\d+)");
            assertEquals(0, number(metrics, "millrace_suspects (\\d+)"), "all are answered");
            supervisor.terminate();
            assertEquals(0, supervisor.exitCode(30), supervisor.output());
            assertEquals(restarts, recovery.count(), "a crash that the supervisor did not count");
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
    private Run restarted(String yaml, int messages, int maxReceives, long seed) throws Exception {
        try (Scene scene = new Scene(messages, maxReceives, seed)) {
            StringBuilder output = new StringBuilder();
            int restarts = -1;
            while (scene.queue.left() > 0) {
                restarts++;
                try (WorkerProcess worker = scene.start("worker", yaml)) {
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
        final Path home = Files.createTempDirectory(folder, "worker");
        final TestQueue queue;
        final Ledger ledger = new Ledger();
        final Loopback images = new Loopback();
        final Set<String> poisonous = new TreeSet<>();

        Scene(int messages, int maxReceives, long seed) throws IOException {
            queue = new TestQueue(maxReceives);
            SplittableRandom random = new SplittableRandom(seed);
            Set<Integer> chosen = new HashSet<>();
            while (chosen.size() < messages / OF_WHICH_ONE) {
                chosen.add(random.nextInt(messages));
            }
            chosen.forEach(i -> poisonous.add("m" + i));
            String good = images.photo("mpu-300x250-city-night.jpg");
            String bad = images.photo("png-451x300-cat.png");
            ledger.send(queue, "m", messages, i -> chosen.contains(i) ? bad : good);
        }

        WorkerProcess start(String command, String more) throws IOException {
            String yaml =
                    FaultSettings.of(queue.url())
                                    .queue("visibility: 5s")
                                    .messages(32)
                                    .bundle(Path.of("src/test/resources/engines/crashing"))
                                    .yaml()
                            + more;
            List<String> flags =
                    List.of(
                            "-XX:-CreateCoredumpOnCrash",
                            "-XX:ErrorFile=" + home.resolve("hs_err.log"));
            Path module = ModuleClasses.copy(home, CrashingClassifier.class, NativeCrash.class);
            return WorkerProcess.start(home, yaml, command, flags, module.toString());
        }

        void awaitEnd(int seconds) throws InterruptedException {
            Loopback.awaitUntil(() -> queue.left() == 0, seconds, () -> ledger.line(queue));
        }

        Run run(int restarts, String output, String more) {
            Set<String> given = new TreeSet<>();
            ledger.callbacks()
                    .forEach(
                            (id, callbacks) -> {
                                if (callbacks.stream().anyMatch(c -> c.error().equals("poison"))) {
                                    given.add(id);
                                }
                            });
            List<Integer> receives =
                    POISON.matcher(output)
                            .results()
                            .map(found -> Integer.parseInt(found.group(2)))
                            .sorted()
                            .toList();
            boolean contained =
                    given.equals(poisonous)
                            && ledger.lost(queue) == 0
                            && queue.deadLetters() == 0
                            && ledger.answered() == ledger.sent();
            return new Run(
                    contained,
                    restarts,
                    "%s, poison %d of %d (receives %s), %d restarts%s"
                            .formatted(
                                    ledger.line(queue),
                                    given.size(),
                                    poisonous.size(),
                                    receives,
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
                while (!ended) {
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
