package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the defences cost: workers with all of them and workers without take turns on the same
 * messages. Without: URL policy and address gate, breakers, limits per host, byte budget, least
 * rate, image gate and cleaned copies, memory of results and copies ({@link #WITHOUT}), and no
 * signatures. In both: timeouts and body cap, which are the client's, leases, and the bound on
 * messages in flight.
 */
class DefenceCost {
    private static final int PAIRS = Integer.getInteger("millrace.pairs", 5);
    private static final int WARM_UP = 1500;
    private static final int MESSAGES = 4000;
    private static final double MIN = 0.97;

    /** JPEG, which is most of the web and all that a worker without its gate can read. */
    private static final List<String> PHOTOS =
            List.of(
                    "mpu-300x250-city-night.jpg",
                    "photo-600x400-coffee.jpg",
                    "photo-512x512-astronaut.jpg",
                    "original-640x427-china.jpg",
                    "photo-640x480-flowers-444.jpg",
                    "photo-683x1024-dogs.jpg");

    /** The worker's source, but for what checks, bounds or remembers. For JPEG. */
    static final List<Change> WITHOUT =
            List.of(
                    // Everybody has a turn at once.
                    new Change(
                            "net/HostLimiter.java",
                            "            throws InterruptedException, TurnRefusedException {\n        try (",
                            "throws InterruptedException, TurnRefusedException { if (name != null) { return new Turn(null); } try ("),
                    new Change(
                            "net/HostLimiter.java",
                            "if (success != null) {",
                            "if (host == null) { return; } if (success != null) {"),
                    // Every URL, address and port may be called.
                    new Change(
                            "net/UrlPolicy.java",
                            "        if (url.toString().length() > MAX_CHARS) {",
                            "if (url != null) { return url; } if (url.toString().length() > MAX_CHARS) {"),
                    new Change(
                            "net/UrlPolicy.java",
                            "return rules.allows(address) && allowsPort(address, port);",
                            "return true;"),
                    new Change(
                            "net/UrlPolicy.java", "return rules.allows(address);", "return true;"),
                    // Breakers that never open.
                    Without.BREAKERS,
                    // A message keeps its bytes until it is settled, and counts no texts.
                    Without.EARLY_RETURN_OF_BYTES,
                    new Change("job/RequestUsage.java", "if (budget != null) {", "if (false) {"),
                    // Of a JPEG what it says of its size; the file is given on as it is.
                    new Change(
                            "image/JpegGate.java",
                            "JpegFrame.check(body, at, end, limits);",
                            "if (frame > 0) { return new ImageHeader(JPEG, JpegFrame.width(body, frame), JpegFrame.height(body, frame), 1, false, false, false, 0, 0); }"),
                    new Change(
                            "image/Sanitizer.java",
                            "return switch (header.format()) {",
                            "if (header != null) { return put(body, 0, body.length, into, 0); } return switch (header.format()) {"),
                    // Downloads and decodes take bytes of no budget.
                    new Change(
                            "fetch/Reservation.java", "if (bytes <= held) {", "if (bytes >= 0) {"),
                    new Change("fetch/Reservation.java", "return bytes;", "return 0;"),
                    new Change(
                            "preprocess/DecodeBudget.java",
                            "if (!turn.isLocked() && tryTake(bytes)) {",
                            "if (bytes >= 0) {"),
                    new Change("preprocess/DecodeBudget.java", "reserved.addAndGet(-bytes);", ";"),
                    // A body may come as slowly as it likes.
                    new Change(
                            "fetch/MinBodyRate.java",
                            "if (elapsedNs > GRACE.toNanos() && ",
                            "if (false && "),
                    // Every message is the first of its id, and no result is kept.
                    new Change(
                            "deliver/MessageDeduplicator.java",
                            "inHand.put(id(message), new ArrayDeque<>());",
                            ";"),
                    Without.KEPT_RESULTS);

    @TempDir private Path folder;

    /** Of one worker. */
    private record Cost(double imagesPerSecond, double cpuMsPerImage) {}

    @Test
    void theDefencesCostLittle() throws Exception {
        Path undefended = Undefended.changed(folder.resolve("undefended"), WITHOUT);
        List<Double> rates = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        List<Cost> with = new ArrayList<>();
        List<Cost> without = new ArrayList<>();
        for (int pair = 0; pair < PAIRS; pair++) {
            // By turns the one and the other is first.
            boolean first = pair % 2 == 0;
            Cost one = first ? defended() : undefended(undefended);
            Cost two = first ? undefended(undefended) : defended();
            with.add(first ? one : two);
            without.add(first ? two : one);
            rates.add(with.getLast().imagesPerSecond / without.getLast().imagesPerSecond);
            cpu.add(with.getLast().cpuMsPerImage / without.getLast().cpuMsPerImage);
            System.out.println(with.getLast() + " / " + without.getLast());
        }
        Reliability.remark(
                "defences",
                "All defences on against all off, %d pairs of %,d images: throughput %s (%.0f against %.0f images/s), CPU per image %s (%.2f against %.2f ms)."
                        .formatted(
                                PAIRS,
                                MESSAGES,
                                spread(rates),
                                median(with.stream().map(Cost::imagesPerSecond).toList()),
                                median(without.stream().map(Cost::imagesPerSecond).toList()),
                                spread(cpu),
                                median(with.stream().map(Cost::cpuMsPerImage).toList()),
                                median(without.stream().map(Cost::cpuMsPerImage).toList())));
        assertTrue(median(rates) >= MIN, spread(rates));
    }

    private Cost defended() throws Exception {
        String secrets =
                "secrets: [whsec_%s, whsec_%s]".formatted("MDAw".repeat(10), "MTEx".repeat(10));
        try (FaultBench rig = new FaultBench(0, 5);
                WorkerProcess worker =
                        WorkerProcess.start(fresh(), settings(rig).callback(secrets).yaml())) {
            return cost(rig, worker);
        }
    }

    private Cost undefended(Path classes) throws Exception {
        try (FaultBench rig = new FaultBench(0, 5);
                WorkerProcess worker =
                        WorkerProcess.startWith(classes, fresh(), settings(rig).yaml())) {
            return cost(rig, worker);
        }
    }

    private Path fresh() throws IOException {
        return Files.createTempDirectory(folder, "worker");
    }

    private static FaultSettings settings(FaultBench rig) {
        return FaultSettings.of(rig.queue.url()).simulate("2,0.25");
    }

    private static Cost cost(FaultBench rig, WorkerProcess worker) throws Exception {
        worker.awaitReady();
        rig.ledger.send(
                rig.queue,
                "m",
                WARM_UP + MESSAGES,
                i -> rig.images.photo(PHOTOS.get(i % PHOTOS.size())));
        await(rig, WARM_UP);
        long startNs = System.nanoTime();
        long startCpuNs = worker.cpu().toNanos();
        int before = rig.ledger.answered();
        await(rig, WARM_UP + MESSAGES);
        long endNs = System.nanoTime();
        long cpuNs = worker.cpu().toNanos() - startCpuNs;
        assertTrue(rig.ledger.callbacks().values().stream().allMatch(DefenceCost::isGood));
        int images = WARM_UP + MESSAGES - before;
        return new Cost(images * 1e9 / (endNs - startNs), cpuNs / 1e6 / images);
    }

    private static boolean isGood(List<Ledger.Callback> callbacks) {
        return callbacks.getFirst().error().isEmpty();
    }

    private static void await(FaultBench rig, int answers) throws InterruptedException {
        Loopback.awaitUntil(() -> rig.ledger.answered() >= answers, 120, rig::line);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String spread(List<Double> ratios) {
        List<Double> sorted = ratios.stream().sorted().toList();
        return "%.1f %% (%.1f to %.1f)"
                .formatted(100 * median(ratios), 100 * sorted.getFirst(), 100 * sorted.getLast());
    }
}
