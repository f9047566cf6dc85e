package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import dev.millrace.observe.Load;
import dev.millrace.observe.Snapshot;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What the worker's process has used since the figures were made. */
final class WorkerFigures {
    private static final Path STATUS = Path.of("/proc/self/status");

    private final Snapshot start;
    private final Map<String, Double> cpuMs = OsThreads.cpuMsByRole();
    private final long allocated = allocatedBytes();
    private final long collections = collections();
    private final long collectionMs = collectionMs();

    public WorkerFigures(Worker worker) {
        start = worker.snapshot();
    }

    public ObjectNode json(Worker worker) {
        Load load = worker.loadSince(start);
        Snapshot end = worker.snapshot();
        long images = Math.max(1, load.images());
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("elapsed_s", LoadJson.rounded(load.elapsedSeconds()));
        json.put("images", load.images());
        json.put("failed_tasks", end.failedTasks() - start.failedTasks());
        json.put("images_per_s", LoadJson.rounded(load.imagesPerSecond()));
        json.put("cpu_ms_per_image", LoadJson.rounded(load.cpuMsPerImage()));
        json.put(
                "cpu_cores",
                LoadJson.rounded(load.cpuShare() * Runtime.getRuntime().availableProcessors()));
        json.put("mean_batch", LoadJson.rounded(load.meanBatch()));
        json.put("batches", end.batches() - start.batches());
        json.put("rows", end.rows() - start.rows());
        json.put("device_busy", LoadJson.rounded(deviceBusy(load)));
        json.put("limited_by", load.limitSentence());
        json.put("use", load.useSentence());
        LoadJson.put(load, json);
        threads(images, load.cpuMsPerImage(), json.putObject("cpu_ms_per_image_by_role"));
        json.put(
                "allocated_kb_per_image",
                LoadJson.rounded((allocatedBytes() - allocated) / 1e3 / images));
        json.put("collections", collections() - collections);
        json.put("collection_ms", collectionMs() - collectionMs);
        json.put("rss_mb", LoadJson.rounded(statusMb("VmRSS:")));
        json.put("rss_peak_mb", LoadJson.rounded(statusMb("VmHWM:")));
        return json;
    }

    private static double deviceBusy(Load load) {
        return load.stages().entrySet().stream()
                .filter(stage -> stage.getKey().startsWith("infer"))
                .mapToDouble(stage -> stage.getValue().busy())
                .max()
                .orElse(0);
    }

    /** What no living thread accounts for belongs to threads that ended meanwhile. */
    private void threads(long images, double total, ObjectNode json) {
        Map<String, Double> used = new TreeMap<>(OsThreads.cpuMsByRole());
        cpuMs.forEach((role, before) -> used.merge(role, -before, Double::sum));
        double known = used.values().stream().mapToDouble(Double::doubleValue).sum();
        used.merge("other", total * images - known, Double::sum);
        used.forEach((role, ms) -> json.put(role, LoadJson.rounded(Math.max(0, ms) / images)));
    }

    private static long allocatedBytes() {
        return ManagementFactory.getThreadMXBean()
                        instanceof com.sun.management.ThreadMXBean threads
                ? threads.getTotalThreadAllocatedBytes()
                : 0;
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    private static long collectionMs() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    /** Of this process; 0 where there is no {@code /proc}. */
    private static double statusMb(String line) {
        try {
            return Files.readString(STATUS)
                    .lines()
                    .filter(status -> status.startsWith(line))
                    .mapToDouble(status -> Double.parseDouble(status.replaceAll("\\D", "")) / 1e3)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
