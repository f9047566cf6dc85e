package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.WorkerConfig;
import dev.millrace.lab.bench.Dialogue;
import dev.millrace.lab.bench.WorkerProcess;
import dev.millrace.lab.engine.Sweep;
import dev.millrace.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The worker that is tuned; {@code tune} starts it. One process runs all settings one after the
 * other, so that its code is compiled once and the runs are alike.
 */
@Command(name = "tune-worker")
public final class TuneWorker implements Callable<Integer> {
    private static final long CURVE_NS = Duration.ofMillis(200).toNanos();

    @Mixin private TunedModels models;
    @Mixin private WorkerProcess process;

    private WorkerConfig base;
    private Worker worker;

    @Override
    public Integer call() throws Exception {
        base = models.base();
        Dialogue.answer(object());
        try {
            Dialogue.serve(this::handle);
        } finally {
            stop();
        }
        return 0;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode handle(String command, String argument) throws InterruptedException {
        ObjectNode answer = object();
        switch (command) {
            case "curve" -> curve(Setting.parse(argument), answer);
            case "start" -> {
                worker = Worker.start(Setting.parse(argument).applied(base, process.queue()));
                answer.put("device", worker.device().description());
            }
            case "stop" -> stop();
            default -> answer = process.handle(command, worker);
        }
        return answer;
    }

    private void curve(Setting largest, ObjectNode answer) {
        Map<String, List<Sweep.Point>> curves =
                DeviceCurve.measure(largest.applied(base, process.queue()), CURVE_NS);
        curves.forEach(
                (task, points) -> {
                    ArrayNode array = answer.putArray(task);
                    for (Sweep.Point point : points) {
                        array.addObject()
                                .put("batch", point.batch())
                                .put("alone_ms", point.latencyMs())
                                .put(
                                        "overlapped_ms",
                                        1e3 * point.batch() / point.imagesPerSecond());
                    }
                });
    }

    private void stop() throws InterruptedException {
        if (worker != null) {
            WorkerProcess.end(worker);
            worker = null;
        }
    }
}
