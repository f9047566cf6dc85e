package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.cuda.GpuStandIn;
import dev.millrace.testing.CrashingClassifier;
import dev.millrace.testing.FreePort;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.NativeCrash;
import dev.millrace.testing.Observed;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.StoppingClassifier;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each alert of {@code deploy/observe} fires when a real worker is broken in front of a real
 * Prometheus, and a healthy worker has none. {@link Watcher} says how the rules differ there.
 */
class AlertsFT {
    private static final Path PHOTO =
            Path.of("src/main/resources/dev/millrace/verify/photos/mpu-300x250-city-night.jpg");

    /** A plan is built by then on a busy machine, too. */
    private static final int START_SECONDS = 180;

    private static final String QUEUE = "MillraceQueueUnreachable";
    private static final String NATIVE = "--enable-feature=native-histograms";
    private static final String FAILING = "MillraceImageHostFailing";
    private static final String CALLS = "MillraceCallsFailing";
    private static final String STATE = "state:\n  directory: state\n";

    /** Fired by some test of this class. */
    private static final Set<String> FIRED = new TreeSet<>();

    private static int ran;

    @TempDir private Path folder;

    private Watcher watcher(WorkerProcess worker) throws Exception {
        return watcher(worker, Map.of());
    }

    /** Begins when the worker is ready, since one that starts does not answer yet. */
    private Watcher watcher(WorkerProcess worker, Map<String, String> bounds, String... flags)
            throws Exception {
        Loopback.awaitUntil(
                () -> worker.status("/v2/health/ready") == 200, START_SECONDS, worker::output);
        return atOnce(worker, bounds, flags);
    }

    private Watcher atOnce(WorkerProcess worker, Map<String, String> bounds, String... flags)
            throws Exception {
        Path home = Files.createTempDirectory(folder, "prometheus");
        return new Watcher(home, worker.port(), bounds, flags);
    }

    private static void awaitFired(Watcher watcher, int seconds, String... alerts)
            throws InterruptedException {
        watcher.await(Set.of(alerts), seconds);
        FIRED.addAll(Set.of(alerts));
    }

    /** From the native histogram, which has the same messages and finer ranges. */
    private static void requireNative(Watcher watcher) throws IOException {
        String of = "(millrace_message_duration_seconds)";
        double count = value(watcher, "sum(histogram_count" + of + ")");
        assertEquals(value(watcher, "sum(millrace_message_duration_seconds_count)"), count, 30);
        assertTrue(count > 100, count + " messages");
        double exact = value(watcher, "histogram_quantile(0.9, sum" + of + ")");
        String classic = "sum by (le) (millrace_message_duration_seconds_bucket)";
        double rough = value(watcher, "histogram_quantile(0.9, " + classic + ")");
        assertTrue(exact > rough / 3 && exact < rough * 3, exact + " s, " + rough + " s");
    }

    private static double value(Watcher watcher, String query) throws IOException {
        return Double.parseDouble(watcher.query(query).at("/0/value/1").asText());
    }

    /** Queries of the dashboard but those of a GPU, and those that list faults alone. */
    private static List<String> unanswered(Watcher watcher) {
        try {
            List<String> empty = new ArrayList<>();
            for (String query : Observed.queries().values()) {
                String filled = Observed.filledIn(query, "20s");
                boolean absent = filled.contains("_gpu_") || filled.contains("> 0");
                if (!absent && watcher.query(filled).isEmpty()) {
                    empty.add(filled);
                }
            }
            return empty;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The control, and each query of the dashboard has an answer but those of a GPU. */
    @Test
    void aHealthyWorkerHasNoAlert() throws Exception {
        try (FaultBench rig = new FaultBench(1, 5);
                WorkerProcess worker =
                        rig.settings().more(STATE + "serve: {port: 0}\n").start(folder);
                Watcher watcher = watcher(worker, Map.of(), NATIVE)) {
            for (int i = 0; i < 60; i++) {
                rig.send("m" + i + "-", 10);
                Thread.sleep(500);
            }
            // Of what a scrape missed on a busy machine there is nothing until the next one.
            Loopback.awaitUntil(
                    () -> unanswered(watcher).isEmpty(), 30, () -> unanswered(watcher).toString());
            requireNative(watcher);
            rig.ledger.awaitAll(rig.queue, 60);
            assertEquals(Set.of(), watcher.fired());
            worker.kill();
            awaitFired(watcher, 90, "MillraceDown");
            assertEquals(Set.of("MillraceDown"), watcher.fired());
        }
    }

    /**
     * A worker looks at a queue that is down after ever longer pauses, and these are not in a
     * hurry.
     */
    @Test
    void theQueueIsGone() throws Exception {
        try (FaultBench rig = new FaultBench(1, 5);
                WorkerProcess worker =
                        rig.settings().queue("visibility: 300s").simulate("0,50").start(folder);
                Watcher watcher =
                        watcher(
                                worker,
                                Map.of("receive_errors_total[2m]", "receive_errors_total[20m]"))) {
            rig.send(200);
            rig.ledger.await(50, 60);
            assertEquals(Set.of(), watcher.fired());
            rig.faulty.goDown();
            awaitFired(watcher, 90, QUEUE, "MillraceNoProgress");
        }
    }

    /** Beside it: to have a ten-thousandth of the memory is near the limit here. */
    @Test
    void theCallbackHostIsDown() throws Exception {
        try (FaultBench rig = new FaultBench(1, 5);
                WorkerProcess worker = rig.settings().start(folder);
                Watcher watcher =
                        watcher(
                                worker,
                                Map.of(
                                        "> 0.9 * process_memory_limit_bytes",
                                        "> 0.0001 * process_memory_limit_bytes"))) {
            rig.send(50);
            rig.ledger.awaitAll(rig.queue, 60);
            assertTrue(!watcher.fired().contains("MillraceCallbackHostDown"));
            rig.ledger.goDown();
            rig.send("held", 100);
            awaitFired(watcher, 90, "MillraceCallbackHostDown", "MillraceMemoryNearLimit");
            rig.ledger.comeBack();
            rig.ledger.awaitAll(rig.queue, 60);
        }
    }

    /** Of the messages that wait behind, one in ten is older than two seconds, not a minute. */
    @Test
    void anImageHostIsSlow() throws Exception {
        byte[] photo = RawServer.ok(Files.readAllBytes(PHOTO));
        try (FaultBench rig = new FaultBench(1, 5);
                RawServer slow =
                        new RawServer(
                                (_, out) -> {
                                    Thread.sleep(4000);
                                    out.write(photo);
                                });
                WorkerProcess worker =
                        rig.settings()
                                .queue("visibility: 60s")
                                .messages(16)
                                .simulate("0,10")
                                .start(folder);
                Watcher watcher =
                        watcher(
                                worker,
                                Map.of(
                                        "(rate(millrace_message_age_seconds_bucket[5m]))) > 60",
                                        "(rate(millrace_message_age_seconds_bucket[5m]))) > 2"))) {
            rig.send("quick", 2000);
            rig.ledger.await(200, 60);
            String fired = watcher.fired().toString();
            assertTrue(!fired.contains("Slow") && !fired.contains("Saturated"), fired);
            String url = "http://127.0.0.1:" + slow.port() + "/a.jpg";
            rig.ledger.send(rig.queue, "slow", 600, _ -> url);
            awaitFired(
                    watcher,
                    180,
                    "MillraceImageHostSlow",
                    "MillraceSaturated",
                    "MillraceMessageAgeRising");
        }
    }

    @Test
    void anImageHostIsDownAndSendersSendNonsense() throws Exception {
        try (FaultBench rig = new FaultBench(1, 5);
                WorkerProcess worker = rig.settings().start(folder);
                Watcher watcher = watcher(worker)) {
            rig.send(20);
            rig.ledger.awaitAll(rig.queue, 60);
            assertEquals(Set.of(), watcher.fired());
            for (int turn = 0; turn < 120 && !watcher.fired().contains(FAILING); turn++) {
                rig.send("good" + turn + "-", 5);
                rig.queue.send(List.of("no request"));
                String prefix = "down" + turn + "-";
                rig.ledger.send(rig.queue, prefix, 5, _ -> "http://127.0.0.1:1/a.jpg");
                Thread.sleep(500);
            }
            awaitFired(watcher, 30, FAILING, "MillraceDeadLetters");
        }
    }

    /** They begin to want their verdicts in less time than the device takes for one. */
    @Test
    void callersGetNoVerdict() throws Exception {
        int port = FreePort.find();
        try (FaultBench rig = new FaultBench(1, 5);
                WorkerProcess worker =
                        rig.settings()
                                .simulate("400,0")
                                .more("serve: {port: " + port + "}\n")
                                .start(folder);
                Watcher watcher = watcher(worker);
                HttpClient caller = HttpClient.newHttpClient()) {
            for (int i = 0; i < 20; i++) {
                assertEquals(200, call(caller, port, 10_000));
            }
            assertEquals(Set.of(), watcher.fired());
            for (int turn = 0; turn < 120 && !watcher.fired().contains(CALLS); turn++) {
                assertEquals(504, call(caller, port, 200));
            }
            awaitFired(watcher, 30, CALLS);
        }
    }

    private static int call(HttpClient caller, int port, int deadlineMs) throws Exception {
        URI model = URI.create("http://127.0.0.1:" + port + "/v2/models/safety/infer");
        HttpRequest request =
                HttpRequest.newBuilder(model)
                        .header("Millrace-Deadline-Ms", Integer.toString(deadlineMs))
                        .POST(HttpRequest.BodyPublishers.ofFile(PHOTO))
                        .build();
        return caller.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    @Test
    void anImageIsPoison() throws Exception {
        Path home = Files.createTempDirectory(folder, "worker");
        anImageBreaks(
                home,
                "crashing",
                "",
                List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + home.resolve("hs_err")),
                ModuleClasses.copy(home, CrashingClassifier.class, NativeCrash.class),
                "MillraceCareful",
                "MillracePoison");
    }

    @Test
    void aDecodeStandsStill() throws Exception {
        Path home = Files.createTempDirectory(folder, "worker");
        anImageBreaks(
                home,
                "stopping",
                "quarantine: {timeout: 3s}\nwatchdog: 3s\n",
                List.of("-Dmillrace.stopped=" + home.resolve("stopped")),
                ModuleClasses.copy(home, StoppingClassifier.class),
                "MillraceFaulted");
    }

    /** One photo of many breaks a worker, whose supervisor starts it again. */
    private void anImageBreaks(
            Path home,
            String engine,
            String more,
            List<String> flags,
            Path module,
            String... alerts)
            throws Exception {
        Path bundle = Path.of("src/test/resources/engines", engine);
        try (FaultBench rig = new FaultBench(1, 5)) {
            String yaml =
                    rig.settings().queue("visibility: 8s").bundle(bundle).yaml() + STATE + more;
            try (WorkerProcess worker =
                            WorkerProcess.start(home, yaml, "supervise", flags, List.of(), module);
                    Watcher watcher = watcher(worker)) {
                rig.send(20);
                rig.ledger.awaitAll(rig.queue, 60);
                assertEquals(Set.of(), watcher.fired());
                String bad = rig.images.photo("png-451x300-cat.png");
                rig.ledger.send(rig.queue, "bad", 1, _ -> bad);
                awaitFired(watcher, 120, alerts);
            }
        }
    }

    /** A supervised worker on stand-ins of NVIDIA's libraries. */
    private WorkerProcess onStandIn(TestQueue queue, String cuda, String tensorRt)
            throws IOException {
        List<String> before = new ArrayList<>(List.of("env"));
        GpuStandIn.environment(cuda, tensorRt)
                .forEach((name, value) -> before.add(name + "=" + value));
        Path home = Files.createTempDirectory(folder, "worker");
        String yaml =
                """
                queue: {url: "%s", visibility: 60s, wait: 1s}
                fetch: {allowAddresses: [127.0.0.0/8]}
                callback: {allowAddresses: [127.0.0.0/8]}
                device: {type: cuda, batchTimeout: 3s}
                drain: {spot: false}
                cache: %s
                state: {directory: state}
                models:
                  - {task: safety, bundle: "%s"}
                """
                        .formatted(
                                queue.url(),
                                folder.resolve("cache"),
                                Path.of("engines/safety").toAbsolutePath());
        return WorkerProcess.startBehind(before, home, yaml, "supervise", List.of());
    }

    private void fails(String cuda, String... alerts) throws Exception {
        try (FaultBench rig = new FaultBench(1, 50);
                WorkerProcess worker = onStandIn(rig.queue, cuda, "");
                Watcher watcher = watcher(worker, Map.of("[15m]) >= 2", "[90m]) >= 2"))) {
            rig.send(600);
            awaitFired(watcher, 180, alerts);
        }
    }

    /**
     * Each worker after it loses it again, as one does whose GPU is broken. On a busy machine a
     * start takes half a minute, so starts are counted for longer.
     */
    @Test
    void theDeviceIsLost() throws Exception {
        fails("launch-fail=700@36", "MillraceDeviceLost", "MillraceRestarting");
    }

    @Test
    void theDeviceHangs() throws Exception {
        fails("launch-hang=36", "MillraceBatchOverdue");
    }

    @Test
    void aPlanIsNeverBuilt() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                WorkerProcess worker = onStandIn(queue, "", "build-hang");
                Watcher watcher = atOnce(worker, Map.of())) {
            Loopback.awaitUntil(
                    () -> worker.text("/metrics").contains("millrace_ready 0"), 60, worker::output);
            awaitFired(watcher, 90, "MillraceNotReady");
        }
    }

    @AfterEach
    void count() {
        ran++;
    }

    /** Where all tests of this class have run; one by its name says nothing of the others. */
    @AfterAll
    static void eachHasFired() throws IOException {
        Set<String> never = new TreeSet<>(Observed.alerts().keySet());
        never.removeAll(FIRED);
        System.out.println("alerts that fired: " + FIRED + ", that did not: " + never);
        long tests =
                Arrays.stream(AlertsFT.class.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(Test.class))
                        .count();
        if (ran == tests) {
            assertEquals(Set.of(), never);
        }
    }
}
