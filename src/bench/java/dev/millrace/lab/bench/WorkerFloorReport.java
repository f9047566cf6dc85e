package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.preprocess.DecodeFloor;
import dev.millrace.preprocess.Floor;
import dev.millrace.preprocess.Target;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * CPU of a warm worker's process per image, everything included, as a multiple of the floor: a bare
 * loop on all cores that only decodes the same photos at the same scale, all of each file, and on
 * the host device also resizes them and runs the model row by row. The two take turns, so that what
 * else the machine does hits both alike. The worker has a process of its own; queue, image host and
 * sink are another.
 *
 * <p>Arguments: {@code simulated} or {@code host}, milliseconds of download latency, seconds of
 * warm-up at full load, rounds, the share of progressive photos, 0 to 1, which may be left out (a
 * fifth, as of the web's), and flags for the worker's JVM.
 */
public final class WorkerFloorReport {
    private static final Duration MEASURE = Duration.ofSeconds(8);
    private static final Duration SETTLE = Duration.ofSeconds(3);
    private static final String TASK = "safety";
    private static final int PHOTOS = 200;
    private static final int BACKLOG = 1_000;

    private final double progressive;
    private final List<byte[]> photos;
    private final List<Double> floors = new ArrayList<>();
    private final List<Double> all = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> floorRates = new ArrayList<>();
    private final List<Double> residentMb = new ArrayList<>();
    private final Map<String, List<Double>> roles = new TreeMap<>();
    private final Work work;

    /** What the worker does. */
    private enum Work {
        SIMULATED,
        HOST
    }

    private WorkerFloorReport(Work work, double progressive) {
        this.work = work;
        this.progressive = progressive;
        this.photos = WebPhotos.make(PHOTOS, 1, progressive);
    }

    public static void main(String[] arguments) throws Exception {
        boolean share = arguments.length > 4 && !arguments[4].startsWith("-");
        new WorkerFloorReport(
                        Work.valueOf(arguments[0].toUpperCase(Locale.ROOT)),
                        share ? Double.parseDouble(arguments[4]) : ImageHostOptions.PROGRESSIVE)
                .run(
                        Duration.ofMillis(Long.parseLong(arguments[1])),
                        Duration.ofSeconds(Long.parseLong(arguments[2])),
                        Integer.parseInt(arguments[3]),
                        List.of(arguments).subList(share ? 5 : 4, arguments.length));
    }

    private void run(Duration latency, Duration warmUp, int rounds, List<String> flags)
            throws Exception {
        try (Helpers helpers =
                        new Helpers(
                                List.of(TASK),
                                ImageHostOptions.of(latency, Duration.ZERO, PHOTOS, 1)
                                        .progressive(progressive),
                                Duration.ZERO,
                                0);
                ChildJvm worker = worker(helpers, flags)) {
            floor();
            helpers.ask("fill " + BACKLOG);
            Thread.sleep(warmUp);
            for (int round = 0; round < rounds; round++) {
                helpers.ask("fill " + BACKLOG);
                Thread.sleep(SETTLE);
                worker.ask("mark");
                Thread.sleep(MEASURE);
                add(worker.ask("report"));
                helpers.settle();
                floors.add(floor());
            }
        }
        print();
    }

    private ChildJvm worker(Helpers helpers, List<String> flags) throws Exception {
        List<String> arguments = new ArrayList<>(helpers.queue());
        arguments.add("--configuration=MILLRACE");
        arguments.addAll(List.of("--tasks=" + TASK, "--profile=THROUGHPUT", "--gpu=0"));
        arguments.addAll(
                work == Work.HOST
                        ? List.of("--device=HOST")
                        : List.of("--device=AUTO", "--simulate=2,0.25"));
        return new ChildJvm(flags, BenchWorker.class, arguments);
    }

    private void add(JsonNode report) {
        all.add(report.path("cpu_ms_per_image").asDouble());
        rates.add(report.path("images_per_s").asDouble());
        residentMb.add(report.path("rss_peak_mb").asDouble());
        report.path("cpu_ms_per_image_by_role")
                .properties()
                .forEach(
                        role ->
                                roles.computeIfAbsent(role.getKey(), _ -> new ArrayList<>())
                                        .add(role.getValue().asDouble()));
    }

    private Floor open() throws Exception {
        return work == Work.HOST
                ? new ModelFloor(
                        Bundles.load(
                                ThisMachine.engines().resolve(TASK),
                                BundleCache.defaultDirectory()),
                        photos)
                : new DecodeFloor(photos, Target.STRETCH_224);
    }

    /** CPU-ms per image of a bare loop on all cores. */
    private double floor() throws InterruptedException {
        ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
        LongAdder nanos = new LongAdder();
        LongAdder images = new LongAdder();
        List<Thread> threads = new ArrayList<>();
        DoubleAdder perSecond = new DoubleAdder();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            threads.add(Thread.ofPlatform().start(() -> loop(cpu, nanos, images, perSecond)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        floorRates.add(perSecond.sum());
        return nanos.sum() / 1e6 / images.sum();
    }

    private void loop(ThreadMXBean cpu, LongAdder nanos, LongAdder images, DoubleAdder perSecond) {
        try (Floor floor = open()) {
            floor.all();
            long startNs = System.nanoTime();
            long startCpuNs = cpu.getCurrentThreadCpuTime();
            int times = 0;
            while (System.nanoTime() - startNs < MEASURE.toNanos() / 2) {
                floor.all();
                times++;
            }
            nanos.add(cpu.getCurrentThreadCpuTime() - startCpuNs);
            images.add((long) times * PHOTOS);
            perSecond.add(times * PHOTOS * 1e9 / (System.nanoTime() - startNs));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void print() {
        double floor = median(floors);
        line("floor", floors, floor);
        line("worker", all, floor);
        roles.forEach((role, figures) -> line("  " + role, figures, floor));
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            ratios.add(all.get(i) / floors.get(i));
        }
        System.out.println("worker / floor by round: " + spread(ratios));
        System.out.println("images/s: " + spread(rates) + ", floor " + spread(floorRates));
        System.out.println("MB resident at most: " + spread(residentMb));
    }

    private static void line(String name, List<Double> figures, double floor) {
        System.out.printf(
                Locale.ROOT,
                "%-20s %-24s CPU-ms per image, %.3f of the floor%n",
                name,
                spread(figures),
                median(figures) / floor);
    }

    private static String spread(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%.3f (%.3f to %.3f)",
                median(figures),
                sorted.getFirst(),
                sorted.getLast());
    }

    private static double median(List<Double> figures) {
        return figures.stream().sorted().toList().get(figures.size() / 2);
    }
}
