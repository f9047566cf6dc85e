package dev.millrace.lab.tune;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.WorkerConfig;
import dev.millrace.lab.bench.Dialogue;
import dev.millrace.lab.bench.WorkerFigures;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.lab.engine.Sweep;
import dev.millrace.source.QueueSettings;
import dev.millrace.worker.Worker;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The worker that is tuned; {@code tune} starts it. One process runs all settings one after the
 * other, so that its code is compiled once and the runs are alike.
 */
@Command(name = "tune-worker")
public final class TuneWorker implements Callable<Integer> {
    private static final Duration VISIBILITY = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final long CURVE_NS = Duration.ofMillis(200).toNanos();

    @Mixin private Target target;

    @Option(names = "--queue", required = true)
    private String queue;

    @Option(names = "--endpoint", required = true)
    private URI endpoint;

    private WorkerConfig base;
    private Worker worker;
    private WorkerFigures figures;

    @Override
    public Integer call() throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.millrace")).setLevel(Level.WARN);
        base = target.base();
        Dialogue.answer(object());
        try {
            Dialogue.serve(this::handle);
        } finally {
            stop();
        }
        return 0;
    }

    private static ObjectNode object() {
        return JsonMapper.builder().build().createObjectNode();
    }

    private ObjectNode handle(String command, String argument) throws InterruptedException {
        ObjectNode answer = object();
        switch (command) {
            case "curve" -> curve(Setting.parse(argument), answer);
            case "start" -> {
                worker = Worker.start(Setting.parse(argument).applied(base, queue()));
                answer.put("device", worker.device().description());
            }
            case "mark" -> figures = new WorkerFigures(worker);
            case "report" -> answer = figures.json(worker);
            case "stop" -> stop();
            default -> throw new IllegalArgumentException("unknown command " + command);
        }
        return answer;
    }

    private void curve(Setting largest, ObjectNode answer) {
        Map<String, List<Sweep.Point>> curves =
                DeviceCurve.measure(largest.applied(base, queue()), CURVE_NS);
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

    private QueueSettings queue() {
        return ThisMachine.queue(queue, endpoint, VISIBILITY);
    }

    private void stop() throws InterruptedException {
        if (worker != null) {
            worker.drain(DRAIN);
            worker.close();
            worker = null;
        }
    }
}
