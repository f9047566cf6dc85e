package dev.millrace.lab.demo;

import dev.millrace.cli.GpuOption;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.gpu.cuda.GpuProbe;
import dev.millrace.gpu.cuda.GpuStatus;
import dev.millrace.source.QueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the command line of {@code demo} says of its worker, and the configuration that follows. */
final class DemoWorker {
    private static final int DOWNLOADS = 64;

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            defaultValue = "safety,objects",
            description =
                    "Tasks for each message: folders of engines/, or paths of bundles (default:"
                            + " ${DEFAULT-VALUE}).")
    private List<String> tasks;

    @Option(
            names = "--device",
            paramLabel = "TYPE",
            description =
                    "Device to compute on: auto, host or cuda (default: auto, and host where a GPU"
                            + " cannot be used).")
    private Optional<WorkerConfig.DeviceChoice.Type> device = Optional.empty();

    @Mixin private GpuOption gpu;

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            defaultValue = "throughput",
            description =
                    "What the worker is tuned for: throughput or latency (default:"
                            + " ${DEFAULT-VALUE}).")
    private WorkerProfile profile;

    @Option(
            names = "--simulate",
            paramLabel = "A,B",
            description =
                    "Simulated device, which takes A ms per batch and B ms per image and computes"
                            + " nothing (default: none).")
    private Optional<String> simulate = Optional.empty();

    /** Of the messages, by their names. */
    List<String> tasks() {
        return tasks.stream().map(DemoWorker::name).toList();
    }

    private WorkerConfig.DeviceChoice.Type device() {
        return device.orElseGet(
                () -> simulate.isPresent() ? WorkerConfig.DeviceChoice.Type.HOST : usable());
    }

    /** A first look is worth something on the CPU too; a worker would refuse. */
    private static WorkerConfig.DeviceChoice.Type usable() {
        return switch (GpuProbe.probe()) {
            case GpuStatus.Present _ -> WorkerConfig.DeviceChoice.Type.CUDA;
            case GpuStatus.Unusable(String reason) -> onCpu(reason);
            case GpuStatus.Absent(String reason, boolean notable) when notable -> onCpu(reason);
            case GpuStatus.Absent _ -> WorkerConfig.DeviceChoice.Type.HOST;
        };
    }

    private static WorkerConfig.DeviceChoice.Type onCpu(String reason) {
        System.out.println("The demo runs on the CPU, since the GPU cannot be used: " + reason);
        return WorkerConfig.DeviceChoice.Type.HOST;
    }

    /** On a queue of this machine, and with a port for its metrics where that is wanted. */
    WorkerConfig config(
            QueueSettings queue,
            ChangingModels changing,
            Optional<Path> trace,
            Optional<Integer> httpPort) {
        List<WorkerConfig.Model> models = new ArrayList<>();
        for (String task : tasks) {
            Path bundle = ThisMachine.bundle(task);
            Path used = changing.isUsed() ? changing.copy(bundle) : bundle;
            models.add(WorkerConfig.Model.of(name(task), used, profile));
        }
        return WorkerConfig.of(queue, models)
                .with(
                        draft -> {
                            draft.profile = profile;
                            draft.device =
                                    WorkerConfig.DeviceChoice.of(
                                                    device(), simulate.map(ThisMachine::cost))
                                            .withLanes(profile.lanes())
                                            .withIndex(gpu.number());
                            ThisMachine.around(draft, DOWNLOADS);
                            draft.trace = trace;
                            draft.reload = changing.isUsed() ? ChangingModels.LOOK : Duration.ZERO;
                            draft.httpPort = httpPort;
                        });
    }

    /** A task is called like the folder of its model. */
    private static String name(String task) {
        return Path.of(task).getFileName().toString();
    }
}
