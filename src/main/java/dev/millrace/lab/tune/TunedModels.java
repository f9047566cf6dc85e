package dev.millrace.lab.tune;

import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.config.ConfigException;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.SuspectTrials;
import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.QueueSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is tuned: the models and the device, from a worker's configuration or the command line. */
final class TunedModels {
    /** The queue of the configuration is not touched; it need not even be named. */
    private static final String NO_QUEUE = "http://127.0.0.1:1/tune";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration of a worker, of which everything but the queue is used (default:"
                            + " none; --tasks or --bundles name the models).")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description =
                    "Tasks to tune for, which are folders of engines/, where there is no --config"
                            + " (default: safety).")
    private List<String> tasks = List.of();

    @Option(
            names = "--bundles",
            split = ",",
            paramLabel = "FOLDER",
            description =
                    "Bundles to tune for, where there is no --config; the name of each folder is"
                            + " its task (default: none).")
    private List<Path> bundles = List.of();

    @Option(
            names = "--device",
            paramLabel = "TYPE",
            description =
                    "Device to compute on: auto, host or cuda (default: the device of the"
                            + " configuration).")
    private Optional<WorkerConfig.DeviceChoice.Type> device = Optional.empty();

    @Option(
            names = "--simulate",
            paramLabel = "A,B",
            description =
                    "Simulated device, which takes A ms per batch and B ms per image (default: that"
                            + " of the configuration).")
    private Optional<String> simulate = Optional.empty();

    /** The file that the models come from. */
    Optional<Path> config() {
        return config;
    }

    /**
     * Everything but the queue and what is tuned. Image host and sink of the tuning are on this
     * machine and one host each. Throws {@link ConfigException} with one line.
     */
    WorkerConfig base() {
        WorkerConfig read = config.isPresent() ? read(config.get()) : named();
        return read.with(
                draft -> {
                    draft.queue = QueueSettings.of(NO_QUEUE);
                    ThisMachine.around(draft, draft.admission.messages());
                    draft.device = device(draft.device);
                    draft.state = WorkerConfig.State.NONE;
                    draft.quarantine = SuspectTrials.DEFAULT;
                });
    }

    /** A type that is named here does not keep the configuration's simulation. */
    private WorkerConfig.DeviceChoice device(WorkerConfig.DeviceChoice read) {
        Optional<SimulatedCost> kept = device.isPresent() ? Optional.empty() : read.simulate();
        return new WorkerConfig.DeviceChoice(
                device.orElse(read.type()),
                simulate.map(ThisMachine::cost).or(() -> kept),
                read.lanes(),
                read.index(),
                read.batchLimit());
    }

    private WorkerConfig read(Path file) {
        if (!tasks.isEmpty() || !bundles.isEmpty()) {
            throw new ConfigException(
                    "--config: the configuration has models of its own; leave out --tasks and"
                            + " --bundles");
        }
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MILLRACE_QUEUE_URL", NO_QUEUE);
        return ConfigReader.read(file, environment);
    }

    private WorkerConfig named() {
        List<WorkerConfig.Model> models = new ArrayList<>();
        List<String> named = tasks.isEmpty() && bundles.isEmpty() ? List.of("safety") : tasks;
        for (String task : named) {
            models.add(model("--tasks", task, ThisMachine.engines().resolve(task)));
        }
        for (Path bundle : bundles) {
            Path name = bundle.toAbsolutePath().normalize().getFileName();
            models.add(model("--bundles", String.valueOf(name), bundle));
        }
        return WorkerConfig.of(QueueSettings.of(NO_QUEUE), models);
    }

    private static WorkerConfig.Model model(String option, String task, Path bundle) {
        if (!Files.isDirectory(bundle)) {
            throw new ConfigException(
                    option
                            + ": '"
                            + bundle
                            + "' is not a folder; name one with model.onnx and model.yaml");
        }
        return WorkerConfig.Model.of(task, bundle);
    }

    /** Reads the models, so that what is wrong with them is said before anything starts. */
    void check(WorkerConfig base) {
        for (WorkerConfig.Model model : base.models()) {
            try {
                Bundles.load(model.bundle(), base.cache());
            } catch (BundleException e) {
                throw new ConfigException("task '" + model.task() + "': " + e.getMessage());
            }
        }
    }

    /** The same for another process. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        config.ifPresent(file -> arguments.add("--config=" + file));
        if (!tasks.isEmpty()) {
            arguments.add("--tasks=" + String.join(",", tasks));
        }
        bundles.forEach(bundle -> arguments.add("--bundles=" + bundle));
        device.ifPresent(type -> arguments.add("--device=" + type));
        simulate.ifPresent(cost -> arguments.add("--simulate=" + cost));
        return arguments;
    }
}
