package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.Jcmd;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Photos;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 12: a worker under steady load, photos and hostile files mixed, for as long as told.
 *
 * <p>The JIT compiler counts calls, so at twenty messages a second it would still compile, and its
 * code grow, after half an hour. The warm-up is therefore so many messages and no time: the first
 * half as fast as the worker takes them, the others few at a time, as they come later.
 */
class LeakSoak {
    private static final double MAX_SLOPE = 10;
    private static final int MAX_HANDLES = 10;
    private static final int MAX_THREADS = 5;
    private static final double MAX_LIVE = 20;
    private static final int HOSTILE_EACH = 10;
    private static final Duration CONTROL = Duration.ofMinutes(2);

    /** After the warm-up, until its connections and threads are idle and gone. */
    private static final Duration SETTLE = Duration.ofSeconds(40);

    /**
     * Messages in the queue or the worker in the first half of the warm-up; more than it admits.
     */
    private static final int AHEAD = 512;

    /** In the second half, so that it also becomes good at having nothing to do. */
    private static final int FEW_AHEAD = 10;

    private static final int WARM_UP_SECONDS = 900;

    @TempDir private Path folder;
    private final Random random = new Random();

    /**
     * @param messages after the warm-up
     * @param live how many MiB more the Java heap holds at the end than after the warm-up
     */
    private record Run(double minutes, int messages, Footprint footprint, double live) {

        List<String> complaints() {
            List<String> complaints = new ArrayList<>();
            if (footprint.residentSlope() >= MAX_SLOPE) {
                complaints.add("RSS %+.1f MiB in 30 min".formatted(footprint.residentSlope()));
            }
            if (footprint.nativeSlope() >= MAX_SLOPE) {
                complaints.add(
                        "native heap %+.1f MiB in 30 min".formatted(footprint.nativeSlope()));
            }
            if (footprint.moreHandles() > MAX_HANDLES) {
                complaints.add("%+.0f handles".formatted(footprint.moreHandles()));
            }
            if (footprint.moreThreads() > MAX_THREADS) {
                complaints.add("%+.0f threads".formatted(footprint.moreThreads()));
            }
            if (live > MAX_LIVE) {
                complaints.add("%+.1f MiB in the heap".formatted(live));
            }
            return complaints;
        }

        String line() {
            return "%.0f min, %,d messages: %s; heap %+.1f MiB"
                    .formatted(minutes, messages, footprint.line(), live);
        }
    }

    @Test
    void nothingLeaks() throws Exception {
        Duration time = Duration.ofSeconds((long) (60 * minutes()));
        Reliability row =
                Reliability.row(
                        12,
                        ("after %,d messages, %d min of photos and hostile files: RSS slope and native heap"
                                        + " < 10 MiB in 30 min; handles, threads and heap flat")
                                .formatted(warmUp(), time.toMinutes()));
        random.setSeed(row.seed());
        Run control = run(row.seed(), CONTROL, leakyBundle());
        System.out.println("control: " + control.line());
        assertFalse(control.complaints().isEmpty(), control.line());
        Run run = run(row.seed(), time, Path.of("engines", "safety"));
        System.out.println(run.line());
        assertEquals(List.of(), run.complaints(), run.line());
        row.holds(
                run.line(),
                "a module that loses %d KiB per image: %s"
                        .formatted(LeakyModule.LOST >> 10, control.line()));
    }

    private static double minutes() {
        return Double.parseDouble(System.getProperty("millrace.soak.minutes", "30"));
    }

    private static int warmUp() {
        return Integer.getInteger("millrace.soak.warmup", 40_000);
    }

    private Run run(long seed, Duration time, Path bundle) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().bundle(bundle).yaml(),
                                // The launcher's heap, but all of it resident from the start: what
                                // grows is native.
                                List.of("-Xms384m", "-Xmx384m", "-XX:+AlwaysPreTouch"),
                                Path.of("target", "test-classes").toString())) {
            worker.awaitReady();
            List<String> urls = urls(rig);
            warmUp(rig, urls, worker);
            int before = rig.ledger.sent();
            Thread sender = Thread.ofPlatform().daemon().start(() -> sendSteadily(rig, urls));
            Thread.sleep(SETTLE);
            double liveBefore = live(worker);
            Footprint footprint = new Footprint(worker.pid());
            footprint.watch(time);
            double liveAfter = live(worker);
            sender.interrupt();
            sender.join();
            rig.ledger.awaitAll(rig.queue, 120);
            return new Run(
                    time.toSeconds() / 60.0,
                    rig.ledger.sent() - before,
                    footprint,
                    liveAfter - liveBefore);
        }
    }

    private void warmUp(FaultBench rig, List<String> urls, WorkerProcess worker) throws Exception {
        long startNs = System.nanoTime();
        while (rig.ledger.sent() < warmUp()) {
            int ahead = rig.ledger.sent() < warmUp() / 2 ? AHEAD : FEW_AHEAD;
            Loopback.awaitUntil(
                    () -> rig.ledger.sent() - rig.ledger.answered() < ahead || !worker.isAlive(),
                    60,
                    () -> "no answers in the warm-up");
            if (!worker.isAlive() || System.nanoTime() - startNs > WARM_UP_SECONDS * 1e9) {
                throw new AssertionError(
                        "%,d of %,d messages answered in the warm-up:%n%s"
                                .formatted(rig.ledger.answered(), warmUp(), worker.output()));
            }
            send(rig, urls, Math.min(ahead, 100));
        }
        rig.ledger.awaitAll(rig.queue, 120);
        System.out.printf(
                "warm-up: %,d messages in %d s%n",
                rig.ledger.sent(), Duration.ofNanos(System.nanoTime() - startNs).toSeconds());
    }

    /** MiB in the heap after a full collection. */
    private static double live(WorkerProcess worker) throws IOException, InterruptedException {
        Jcmd.run(worker.pid(), "GC.run");
        return worker.text("/metrics")
                        .lines()
                        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll(".*} ", "")))
                        .sum()
                / 1048576.0;
    }

    /** Photos, and behind each so many of them a hostile file or a bomb. */
    private static List<String> urls(FaultBench rig) throws IOException {
        List<String> hostile = new ArrayList<>();
        try (InputStream in = LeakSoak.class.getResourceAsStream("/hostile/manifest.json")) {
            for (JsonNode file : new ObjectMapper().readTree(in).get("files")) {
                hostile.add(rig.images.hostile(file.get("file").asText()));
            }
        }
        Bombs.all().forEach((name, bomb) -> hostile.add(rig.images.body(name, bomb.body())));
        List<String> photos = Photos.names();
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < hostile.size() * HOSTILE_EACH; i++) {
            urls.add(
                    i % HOSTILE_EACH == 0
                            ? hostile.get(i / HOSTILE_EACH)
                            : rig.images.photo(photos.get(i % photos.size())));
        }
        return urls;
    }

    /** So many messages a second until it is interrupted. */
    private void sendSteadily(FaultBench rig, List<String> urls) {
        int each = Integer.getInteger("millrace.soak.rate", 20) / 2;
        try {
            while (true) {
                send(rig, urls, each);
                Thread.sleep(500);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(FaultBench rig, List<String> urls, int count) {
        rig.ledger.send(
                rig.queue,
                "m" + rig.ledger.sent() + "-",
                count,
                i -> urls.get(random.nextInt(urls.size())));
    }

    /** The same model, with a module that leaks. */
    private Path leakyBundle() throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("leaky"));
        Path model = Path.of("engines", "safety");
        Files.copy(model.resolve("model.onnx"), bundle.resolve("model.onnx"));
        String yaml = Files.readString(model.resolve("model.yaml"));
        Files.writeString(
                bundle.resolve("model.yaml"),
                yaml.replace("kind: classifier", "kind: " + LeakyModule.class.getName()));
        return bundle;
    }
}
