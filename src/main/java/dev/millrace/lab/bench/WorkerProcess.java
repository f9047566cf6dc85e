package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.QueueSettings;
import dev.millrace.worker.Worker;
import java.net.URI;
import java.time.Duration;
import picocli.CommandLine.Option;

/**
 * What every process with a worker that is measured has: the queue of the helpers, and what the
 * worker used since a mark.
 */
public final class WorkerProcess {
    private static final Duration VISIBILITY = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofSeconds(10);

    @Option(names = "--queue", required = true)
    private String queue;

    @Option(names = "--endpoint", required = true)
    private URI endpoint;

    private WorkerFigures figures;

    public QueueSettings queue() {
        return ThisMachine.queue(queue, endpoint, VISIBILITY);
    }

    /** Does {@code mark} or {@code report}. */
    public ObjectNode handle(String command, Worker worker) {
        switch (command) {
            case "mark" -> figures = new WorkerFigures(worker);
            case "report" -> {
                return figures.json(worker);
            }
            default -> throw new IllegalArgumentException("unknown command " + command);
        }
        return JsonNodeFactory.instance.objectNode();
    }

    /** Ends the worker when it has done what it took. */
    public static void end(Worker worker) throws InterruptedException {
        try (worker) {
            worker.drain(DRAIN);
        }
    }
}
