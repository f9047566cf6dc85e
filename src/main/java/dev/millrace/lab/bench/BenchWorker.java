package dev.millrace.lab.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.worker.Worker;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The worker of one configuration, alone in its process; {@code bench} starts it. */
@Command(name = "bench-worker")
public final class BenchWorker implements Callable<Integer> {
    private static final Duration VISIBILITY = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofSeconds(10);

    @Option(names = "--configuration", required = true)
    private Configuration configuration;

    @Option(names = "--queue", required = true)
    private String queue;

    @Option(names = "--endpoint", required = true)
    private URI endpoint;

    @Option(names = "--tasks", split = ",", required = true)
    private List<String> tasks;

    @Option(names = "--device", required = true)
    private WorkerConfig.DeviceChoice.Type device;

    @Option(names = "--simulate")
    private Optional<String> simulate = Optional.empty();

    @Option(names = "--in-flight")
    private Optional<Integer> inFlight = Optional.empty();

    @Option(names = "--max-batch")
    private Optional<Integer> maxBatch = Optional.empty();

    @Option(names = "--receivers")
    private Optional<Integer> receivers = Optional.empty();

    @Option(names = "--profile", required = true)
    private WorkerProfile profile;

    private WorkerFigures figures;

    @Override
    public Integer call() throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.millrace")).setLevel(Level.WARN);
        try (Worker worker = Worker.start(config())) {
            ObjectNode greeting = JsonMapper.builder().build().createObjectNode();
            greeting.put("device", worker.device().description());
            Dialogue.answer(greeting);
            Dialogue.serve((command, _) -> handle(worker, command));
            worker.drain(DRAIN);
        }
        return 0;
    }

    private ObjectNode handle(Worker worker, String command) {
        return switch (command) {
            case "mark" -> {
                figures = new WorkerFigures(worker);
                yield JsonMapper.builder().build().createObjectNode();
            }
            case "report" -> figures.json(worker);
            default -> throw new IllegalArgumentException("unknown command " + command);
        };
    }

    private WorkerConfig config() {
        return configuration.config(
                ThisMachine.queue(queue, endpoint, VISIBILITY),
                WorkerConfig.DeviceChoice.of(device, simulate.map(SimulatedCost::parse)),
                tasks,
                new Configuration.Overrides(profile, inFlight, maxBatch, receivers));
    }
}
