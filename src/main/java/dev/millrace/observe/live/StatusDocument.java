package dev.millrace.observe.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.infer.BatchStats;
import dev.millrace.observe.Load;
import dev.millrace.observe.ModelMeters;
import dev.millrace.observe.ProcessFacts;
import dev.millrace.observe.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What {@code docs/schemas/status.schema.json} describes, made of two readings. Numbers have as
 * many digits as mean anything.
 *
 * @param sinceStart whether the first reading is that of the worker's start
 */
record StatusDocument(LiveParts parts, Life life, Reading from, Reading to, boolean sinceStart) {
    /** As {@link Load} names the stages that work rather than wait. */
    private static final Map<String, String> BUSY =
            Map.of(
                    "decode", "preprocess-",
                    "infer", "infer-",
                    "postprocess", "postprocess-");

    /** Of a worker of which there is nothing to measure yet. */
    static ObjectNode ofLife(Life life) {
        ObjectNode root = head(life, List.of(Trouble.of(life)));
        worker(root.putObject("worker"));
        for (String list : List.of("stages", "models", "errors")) {
            root.putArray(list);
        }
        return root;
    }

    private static ObjectNode head(Life life, List<Trouble> troubles) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("time", Instant.now().toString());
        ObjectNode state = root.putObject("state");
        write(troubles.getFirst(), state);
        state.put("live", !(life instanceof Life.Faulted));
        state.put("ready", life instanceof Life.Ready);
        ArrayNode more = state.putArray("more");
        troubles.stream().skip(1).forEach(one -> write(one, more.addObject()));
        return root;
    }

    private static void write(Trouble trouble, ObjectNode node) {
        node.put("name", trouble.name());
        node.put("title", trouble.title());
        node.put("detail", trouble.detail());
    }

    private static ObjectNode worker(ObjectNode node) {
        ProcessFacts process = ProcessFacts.now();
        node.put("version", process.version());
        node.put("revision", process.revision());
        node.put("java", process.java());
        node.put("started", process.started().toString());
        node.put("cpus", process.cpus());
        if (process.residentBytes() > 0) {
            node.put("memory_bytes", process.residentBytes());
        }
        node.put("memory_limit_bytes", process.memoryLimitBytes());
        return node;
    }

    ObjectNode json() {
        Load load = Load.between(from.totals(), to.totals());
        Outside outside = parts.outside().get();
        boolean idle =
                load.images() == 0 && to.received() == from.received() && calls().count() == 0;
        ObjectNode root = head(life, Trouble.all(life, outside, to.totals(), idle));
        root.put("window_seconds", rounded(to.secondsSince(from)));
        root.put("since_start", sinceStart);
        worker(root.putObject("worker")).put("device", parts.device());
        root.putObject("limited_by")
                .put("stage", load.limitedBy())
                .put("sentence", load.limitSentence());
        long images = load.images() + to.answered() - from.answered();
        double cpuMs = (to.totals().cpuNs() - from.totals().cpuNs()) / 1e6;
        root.put("images_per_second", rounded(images / to.secondsSince(from)));
        root.put("cpu_share", rounded(load.cpuShare()));
        root.put("cpu_ms_per_image", rounded(cpuMs / Math.max(1, images)));
        messages(root.putObject("messages"));
        ArrayNode stages = root.putArray("stages");
        to.steps().keySet().forEach(step -> stage(step, load, stages.addObject()));
        models(root.putArray("models"));
        Snapshot.Waits waits = to.totals().waits();
        root.putObject("waits")
                .put("image_hosts", waits.hosts())
                .put("callback_hosts", outside.held())
                .put("queue", waits.acknowledger());
        down(outside, root.putObject("down"));
        callers(root);
        gpu(root);
        Errors.write(parts.work().counters(), root.putArray("errors"));
        return root;
    }

    private void messages(ObjectNode node) {
        double seconds = to.secondsSince(from);
        node.put("received", to.received());
        node.put("deleted", to.deleted());
        node.put("received_per_second", rounded((to.received() - from.received()) / seconds));
        node.put("deleted_per_second", rounded((to.deleted() - from.deleted()) / seconds));
        node.put("in_flight", to.totals().inFlight());
        node.put("permits", to.totals().permits());
        node.put("limit", to.totals().limit());
        times(Percentiles.between(from.ages(), to.ages()), node.putObject("age"));
        times(Percentiles.between(from.messages(), to.messages()), node.putObject("total"));
    }

    private static void times(Percentiles times, ObjectNode node) {
        time(node, "p50_seconds", times.seconds(0.5));
        time(node, "p99_seconds", times.seconds(0.99));
    }

    private static void time(ObjectNode node, String name, OptionalDouble seconds) {
        if (seconds.isPresent()) {
            node.put(name, Math.round(seconds.getAsDouble() * 1e5) / 1e5);
        } else {
            node.putNull(name);
        }
    }

    private void stage(Reading.Step step, Load load, ObjectNode node) {
        Percentiles times = to.since(from, step);
        node.put("name", step.name());
        if (!step.task().isEmpty()) {
            node.put("task", step.task());
        }
        node.put("per_second", rounded(times.count() / to.secondsSince(from)));
        times(times, node);
        if (BUSY.containsKey(step.name())) {
            Load.StageLoad stage = load.stages().get(BUSY.get(step.name()) + step.task());
            node.put("busy", rounded(stage.busy()));
            node.put("threads", step.name().equals("decode") ? threads(step.task()) : 1);
        }
    }

    private int threads(String task) {
        return parts.work().models().stream()
                .filter(model -> model.task().equals(task))
                .mapToInt(ModelMeters::preprocessThreads)
                .sum();
    }

    private void models(ArrayNode to) {
        for (ModelFacts model : parts.models().get()) {
            ObjectNode node = to.addObject();
            node.put("task", model.task());
            node.put("model", model.model());
            node.put("version", model.version());
            node.put("engine", model.engine());
            node.put("max_batch", model.maxBatch());
            Snapshot.RingUse ring = this.to.totals().rings().get(model.task());
            node.putObject("ring").put("occupied", ring.occupied()).put("size", ring.size());
            batches(model.task(), node.putObject("batches"));
        }
    }

    private void batches(String task, ObjectNode node) {
        List<Long> bySize = to.batchesSince(from, task);
        long all = bySize.stream().mapToLong(Long::longValue).sum();
        node.put("per_second", rounded(all / to.secondsSince(from)));
        if (all > 0) {
            long rows = to.rows().get(task) - from.rows().get(task);
            node.put("mean", rounded((double) rows / all));
        } else {
            node.putNull("mean");
        }
        ArrayNode sizes = node.putArray("sizes");
        List<String> names = BatchStats.sizeNames();
        for (int size = 0; size < names.size(); size++) {
            sizes.addObject()
                    .put("rows", names.get(size))
                    .put("share", rounded((double) bySize.get(size) / Math.max(1, all)));
        }
    }

    private Percentiles calls() {
        return Percentiles.between(from.callers(), to.callers());
    }

    private static void down(Outside outside, ObjectNode node) {
        node.put("queue", outside.queueFails());
        ArrayNode images = node.putArray("image_hosts");
        outside.imageHosts().forEach(host -> images.add(Shown.host(host)));
        ArrayNode callbacks = node.putArray("callback_hosts");
        outside.callbackHosts().forEach(host -> callbacks.add(Shown.host(host)));
    }

    private void callers(ObjectNode root) {
        parts.callers()
                .ifPresent(
                        calls -> {
                            double seconds = to.secondsSince(from);
                            Percentiles times = calls();
                            ObjectNode node = root.putObject("callers");
                            node.put("images", calls.images());
                            node.put("connections", calls.connections());
                            node.put("per_second", rounded(times.count() / seconds));
                            node.put(
                                    "refused_per_second",
                                    rounded((to.refused() - from.refused()) / seconds));
                            times(times, node);
                        });
    }

    /** A GPU leaves out what it does not measure. */
    private void gpu(ObjectNode root) {
        parts.gpu()
                .ifPresent(
                        gpu -> {
                            ObjectNode node = root.putObject("gpu");
                            put(node, "utilization", gpu.utilization());
                            put(node, "memory_bytes", gpu.memoryUsedBytes());
                            put(node, "memory_total_bytes", gpu.memoryTotalBytes());
                            put(node, "power_watts", gpu.powerWatts());
                        });
    }

    private static void put(ObjectNode node, String name, double value) {
        if (!Double.isNaN(value)) {
            node.put(name, rounded(value));
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 1e3) / 1e3;
    }
}
