package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.lab.tune.TuneWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What an image costs when more messages wait in the queue, and when more downloads are slow at the
 * same time: CPU of the worker's process and what is live on its heap. The worker is a process of
 * its own, the queue, the image host and the sink are another.
 *
 * <p>Arguments: {@code queue} or {@code downloads}, and the number of rounds.
 */
public final class GrowthReport {
    private static final int[] QUEUED = {100, 1_000, 10_000};
    private static final int[] DOWNLOADS = {32, 256, 1_024};

    /** Fewer than the shortest queue has, so that only the queue's length differs. */
    private static final int IN_FLIGHT = 64;

    /**
     * Images per second, with any number of downloads: the host is the slower the more there are to
     * be. With another rate another share of the CPU would be what a worker needs by the second.
     */
    private static final int RATE = 100;

    private static final Duration COMPILE = Duration.ofSeconds(25);
    private static final Duration SETTLE = Duration.ofSeconds(3);
    private static final Duration MEASURE = Duration.ofSeconds(10);
    private static final int PHOTOS = 100;

    private final int rounds;
    private final Map<Integer, List<Figures>> figures = new LinkedHashMap<>();

    private GrowthReport(int rounds) {
        this.rounds = rounds;
    }

    /**
     * @param cpuMs per image, the compiler's left out
     * @param liveKb on the Java heap beyond that of the idle worker, garbage left out
     * @param residentKb of the process
     */
    private record Figures(
            double imagesPerSecond, double cpuMs, double jitMs, double liveKb, double residentKb) {}

    public static void main(String[] arguments) throws Exception {
        GrowthReport report = new GrowthReport(Integer.parseInt(arguments[1]));
        try (Helpers helpers =
                new Helpers(
                        List.of("safety"),
                        ImageHostOptions.of(Duration.ZERO, Duration.ZERO, PHOTOS, 1),
                        Duration.ZERO,
                        0)) {
            switch (arguments[0]) {
                case "queue" -> report.queue(helpers);
                case "downloads" -> report.downloads(helpers);
                default -> throw new IllegalArgumentException("queue or downloads");
            }
        }
        report.print(arguments[0]);
    }

    private void queue(Helpers helpers) throws IOException, InterruptedException {
        try (ChildJvm worker = worker(helpers, IN_FLIGHT)) {
            compile(helpers, worker);
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < QUEUED.length; i++) {
                    // Another one is first in each round.
                    int queued = QUEUED[(i + round) % QUEUED.length];
                    add(queued, measure(helpers, worker, "fill " + queued, SETTLE));
                }
            }
            worker.ask("stop");
        }
    }

    private void downloads(Helpers helpers) throws IOException, InterruptedException {
        // The same for all, so that as many results are remembered when memory is measured.
        Duration settle = latency(DOWNLOADS[DOWNLOADS.length - 1]).multipliedBy(2).plus(SETTLE);
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < DOWNLOADS.length; i++) {
                int downloads = DOWNLOADS[(i + round) % DOWNLOADS.length];
                try (ChildJvm worker = worker(helpers, 2 * downloads + RATE)) {
                    helpers.ask("latency 0ms");
                    compile(helpers, worker);
                    helpers.ask("latency " + latency(downloads).toMillis() + "ms");
                    add(downloads, measure(helpers, worker, "rate " + RATE, settle));
                    worker.ask("stop");
                }
            }
        }
    }

    private static Duration latency(int downloads) {
        return Duration.ofMillis(1_000L * downloads / RATE);
    }

    private static ChildJvm worker(Helpers helpers, int permits) throws IOException {
        Path config = Files.createTempFile("growth", ".yaml");
        Files.writeString(
                config,
                """
                models: [{task: safety, bundle: BUNDLE}]
                device: {simulate: "2,0.25"}
                fetch: {timeout: 60s, readTimeout: 60s}
                admission: {messages: PERMITS, bytes: 1GiB}
                """
                        .replace("BUNDLE", Path.of("engines/safety").toAbsolutePath().toString())
                        .replace("PERMITS", Integer.toString(permits)));
        List<String> arguments = new ArrayList<>(helpers.queue());
        arguments.add("--config=" + config);
        ChildJvm worker = new ChildJvm(List.of(), TuneWorker.class, arguments);
        worker.ask("start 2x32x2x5ms");
        Files.delete(config);
        return worker;
    }

    private static void compile(Helpers helpers, ChildJvm worker)
            throws IOException, InterruptedException {
        helpers.ask("fill 500");
        Thread.sleep(COMPILE);
        helpers.settle();
    }

    private static Figures measure(
            Helpers helpers, ChildJvm worker, String traffic, Duration settle)
            throws IOException, InterruptedException {
        double idleKb = liveKb(worker);
        helpers.ask(traffic);
        Thread.sleep(settle);
        worker.ask("mark");
        Thread.sleep(MEASURE);
        JsonNode report = worker.ask("report");
        double liveKb = liveKb(worker) - idleKb;
        double residentKb = residentKb(worker);
        helpers.settle();
        if (report.path("failed_tasks").asLong() > 0) {
            throw new IOException("a message got no verdict");
        }
        double jitMs = report.path("cpu_ms_per_image_by_role").path("JIT compiler").asDouble();
        Figures figures =
                new Figures(
                        report.path("images_per_s").asDouble(),
                        report.path("cpu_ms_per_image").asDouble() - jitMs,
                        jitMs,
                        liveKb,
                        residentKb);
        System.err.println(traffic + ": " + figures);
        return figures;
    }

    private void add(int number, Figures figure) {
        figures.computeIfAbsent(number, _ -> new ArrayList<>()).add(figure);
    }

    /** All live objects, of which the JVM makes a table after a collection. */
    private static double liveKb(ChildJvm worker) throws IOException, InterruptedException {
        String table = jcmd(worker.pid(), "GC.class_histogram");
        String[] total = table.substring(table.lastIndexOf("Total")).strip().split("\\s+");
        return Long.parseLong(total[2]) / 1e3;
    }

    private static double residentKb(ChildJvm worker) throws IOException {
        return Files.readString(Path.of("/proc/" + worker.pid() + "/status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), command).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("jcmd " + command + ": " + said);
        }
        return said;
    }

    private void print(String what) {
        System.out.printf(
                "| %s | images/s | CPU-ms per image | of the first | JIT | live MB | kB per further"
                        + " one | resident MB |%n",
                what);
        System.out.println("|---|---|---|---|---|---|---|---|");
        double firstCpu = 0;
        int before = 0;
        double liveBefore = 0;
        for (int number : figures.keySet().stream().sorted().toList()) {
            List<Double> cpu = each(number, Figures::cpuMs);
            List<Double> live = each(number, Figures::liveKb);
            firstCpu = before == 0 ? median(cpu) : firstCpu;
            double further = (median(live) - liveBefore) / (number - before);
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %.1f | %s | %.2f | %.2f | %s | %s | %.0f |%n",
                    number,
                    median(each(number, Figures::imagesPerSecond)),
                    spread(cpu, 1),
                    median(cpu) / firstCpu,
                    median(each(number, Figures::jitMs)),
                    spread(live, 1e3),
                    before == 0 ? "–" : String.format(Locale.ROOT, "%.1f", further),
                    median(each(number, Figures::residentKb)) / 1e3);
            before = number;
            liveBefore = median(live);
        }
    }

    private List<Double> each(int number, Function<Figures, Double> figure) {
        return figures.get(number).stream().map(figure).toList();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get((values.size() - 1) / 2);
    }

    private static String spread(List<Double> values, double unit) {
        List<Double> sorted = values.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%.2f (%.2f – %.2f)",
                median(values) / unit,
                sorted.getFirst() / unit,
                sorted.getLast() / unit);
    }
}
