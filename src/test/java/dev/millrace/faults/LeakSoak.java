package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.Photos;
import dev.millrace.testing.ProcessStatus;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 12: a worker under steady load, photos and hostile files mixed, for as long as told. */
class LeakSoak {
    private static final double MAX_SLOPE = 10;
    private static final double PER = 30;
    private static final int MAX_HANDLES = 10;
    private static final int MAX_THREADS = 5;
    private static final double MAX_LIVE = 20;
    private static final int HOSTILE_EACH = 10;
    private static final Duration CONTROL = Duration.ofMinutes(2);

    @TempDir private Path folder;
    private final Random random = new Random();

    /**
     * @param slope of the resident memory, MiB in 30 minutes
     * @param late the same of the second half of the samples: what is warm-up falls, a leak does
     *     not
     * @param handles how many more in the last third than in the first
     * @param threads likewise
     * @param live how many MiB more the heap holds at the end than after the warm-up
     */
    private record Run(
            double minutes,
            int messages,
            double resident,
            double slope,
            double late,
            double handles,
            double threads,
            double live) {

        List<String> complaints() {
            List<String> complaints = new ArrayList<>();
            if (slope >= MAX_SLOPE) {
                complaints.add("RSS %+.1f MiB in 30 min".formatted(slope));
            }
            if (handles > MAX_HANDLES) {
                complaints.add("%+.0f handles".formatted(handles));
            }
            if (threads > MAX_THREADS) {
                complaints.add("%+.0f threads".formatted(threads));
            }
            if (live > MAX_LIVE) {
                complaints.add("%+.1f MiB in the heap".formatted(live));
            }
            return complaints;
        }

        String line() {
            return "%.0f min, %,d messages: RSS %.0f MiB, %+.1f MiB in 30 min (second half %+.1f); %+.0f handles, %+.0f threads; heap %+.1f MiB"
                    .formatted(minutes, messages, resident, slope, late, handles, threads, live);
        }
    }

    @Test
    void nothingLeaks() throws Exception {
        Duration time = Duration.ofSeconds((long) (60 * minutes()));
        Reliability row =
                Reliability.row(
                        12,
                        "%d min of photos and hostile files: RSS slope < 10 MiB in 30 min after the warm-up; handles, threads and heap flat"
                                .formatted(time.toMinutes()));
        random.setSeed(row.seed());
        Run control = run(row.seed(), CONTROL, leakyBundle());
        System.out.println("control: " + control.line());
        assertFalse(control.complaints().isEmpty(), control.line());
        Run run = run(row.seed(), time, Path.of("engines", "safety"));
        System.out.println(run.line());
        assertEquals(List.of(), run.complaints(), run.line());
        row.holds(run.line(), "a module that loses 64 KiB per image: " + control.line());
    }

    private static double minutes() {
        return Double.parseDouble(System.getProperty("millrace.soak.minutes", "30"));
    }

    private Run run(long seed, Duration time, Path bundle) throws Exception {
        try (Rig rig = new Rig(seed, 5);
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().bundle(bundle).yaml(),
                                // The whole heap is resident from the start: what grows is native.
                                List.of("-Xms512m", "-XX:+AlwaysPreTouch"),
                                Path.of("target", "test-classes").toString())) {
            worker.awaitReady();
            List<String> urls = urls(rig);
            AtomicInteger sent = new AtomicInteger();
            Thread sender = Thread.ofPlatform().daemon().start(() -> send(rig, urls, sent));
            Thread.sleep(time.dividedBy(4));
            double liveBefore = live(worker);
            Samples samples = new Samples(worker.pid());
            samples.take(time.minus(time.dividedBy(4)));
            double liveAfter = live(worker);
            sender.interrupt();
            sender.join();
            rig.ledger.awaitAll(rig.queue, 120);
            return new Run(
                    time.toSeconds() / 60.0,
                    sent.get(),
                    samples.resident.getLast(),
                    samples.slope(0),
                    samples.slope(samples.minutes.size() / 2),
                    Trend.rise(array(samples.handles)),
                    Trend.rise(array(samples.threads)),
                    liveAfter - liveBefore);
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(value -> value).toArray();
    }

    /** What the process held, every two seconds. */
    private static final class Samples {
        private final long pid;
        private final List<Double> minutes = new ArrayList<>();
        private final List<Double> resident = new ArrayList<>();
        private final List<Double> handles = new ArrayList<>();
        private final List<Double> threads = new ArrayList<>();

        Samples(long pid) {
            this.pid = pid;
        }

        /** Of the resident memory from this sample on. */
        double slope(int from) {
            int to = minutes.size();
            return PER
                    * Trend.slope(
                            array(minutes.subList(from, to)), array(resident.subList(from, to)));
        }

        void take(Duration time) throws IOException, InterruptedException {
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < time.toNanos()) {
                minutes.add((System.nanoTime() - startNs) / 60e9);
                resident.add(ProcessStatus.resident(pid) / 1048576.0);
                handles.add((double) ProcessStatus.handles(pid));
                threads.add((double) ProcessStatus.threads(pid));
                Thread.sleep(2000);
            }
        }
    }

    /** MiB in the heap after a full collection. */
    private static double live(WorkerProcess worker) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        new ProcessBuilder(jcmd.toString(), Long.toString(worker.pid()), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return worker.text("/metrics")
                        .lines()
                        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll(".*} ", "")))
                        .sum()
                / 1048576.0;
    }

    /** Photos, and behind each so many of them a hostile file or a bomb. */
    private static List<String> urls(Rig rig) throws IOException {
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
    private void send(Rig rig, List<String> urls, AtomicInteger sent) {
        int each = Integer.getInteger("millrace.soak.rate", 20) / 2;
        try {
            while (true) {
                int from = sent.get();
                rig.ledger.send(
                        rig.queue,
                        "m" + from + "-",
                        each,
                        i -> urls.get(random.nextInt(urls.size())));
                sent.addAndGet(each);
                Thread.sleep(500);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The same model, with a module that leaks. */
    private Path leakyBundle() throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("leaky"));
        Path model = Path.of("engines", "safety");
        Files.createSymbolicLink(
                bundle.resolve("model.onnx"), model.resolve("model.onnx").toAbsolutePath());
        String yaml = Files.readString(model.resolve("model.yaml"));
        Files.writeString(
                bundle.resolve("model.yaml"),
                yaml.replace("kind: classifier", "kind: " + LeakyModule.class.getName()));
        return bundle;
    }
}
