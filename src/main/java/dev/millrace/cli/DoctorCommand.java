package dev.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.sun.management.OperatingSystemMXBean;
import dev.millrace.config.ConfigException;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.GpuProbe;
import dev.millrace.gpu.cuda.GpuStatus;
import dev.millrace.nativelib.NativeFolder;
import dev.millrace.nativelib.OnnxRuntime;
import dev.millrace.nativelib.ResizeKernel;
import dev.millrace.nativelib.UnloadableLibraryException;
import dev.millrace.source.QueueProbe;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.source.SqsClients;
import dev.millrace.worker.ModelCheck;
import dev.millrace.worker.QueueFit;
import dev.millrace.worker.ResultCheck;
import dev.millrace.worker.StoreCheck;
import dev.millrace.worker.UrlPolicies;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.bytedeco.opencv.global.opencv_core;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Says in one line each whether what a worker needs is here. */
@Command(
        name = "doctor",
        description =
                "Check JDK, cores, memory, native libraries, GPU and queue, and print a line"
                        + " for each.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:a worker can run here", "1:something that a worker needs is missing"})
final class DoctorCommand implements Callable<Integer> {
    private static final int MIN_JDK = 25;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration of a worker, which is checked too, with its models and its queue"
                            + " (default: none).")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--require-gpu",
            description = "Fail where no GPU can be used; to find out, open a GPU and TensorRT.")
    private boolean requireGpu;

    @Option(
            names = "--gpu",
            paramLabel = "INDEX",
            description =
                    "Number of the only GPU that is checked, as the driver counts from 0; the check"
                            + " fails where it cannot be used (default: every GPU is checked).")
    private Optional<Integer> number = Optional.empty();

    private boolean healthy = true;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        // What a worker logs at its start is among the lines here.
        ((Logger) LoggerFactory.getLogger("dev.millrace")).setLevel(Level.WARN);
        jdk();
        machine();
        nativeLibraries();
        gpu();
        config.ifPresent(this::configuration);
        return healthy ? 0 : Millrace.FAILED;
    }

    private void jdk() {
        int version = Runtime.version().feature();
        String remedy = "; install a JDK " + MIN_JDK + " or newer";
        boolean good = version >= MIN_JDK;
        line(good, "JDK", Runtime.version() + (good ? "" : remedy));
    }

    private void machine() {
        Runtime runtime = Runtime.getRuntime();
        long memory =
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os
                        ? os.getTotalMemorySize()
                        : 0;
        line(
                true,
                "machine",
                "%s, %s MiB memory, heap up to %s MiB"
                        .formatted(
                                Count.of(runtime.availableProcessors(), "core"),
                                memory >> 20,
                                runtime.maxMemory() >> 20));
    }

    private void nativeLibraries() {
        if (loads("native libraries", () -> "unpacked into " + NativeFolder.get())) {
            loads("OpenCV", DoctorCommand::openCv);
            loads("ONNX Runtime", () -> OnnxRuntime.environment().getVersion());
            line(true, "resize kernel", ResizeKernel.get().sentence());
        }
    }

    private static String openCv() {
        NativeFolder.useForJavaCpp();
        try {
            return opencv_core.getVersionString().getString().trim();
        } catch (LinkageError e) {
            throw UnloadableLibraryException.of(
                    "OpenCV", e, "this build is for linux-x86_64 with glibc");
        }
    }

    private boolean loads(String what, Supplier<String> version) {
        try {
            line(true, what, version.get());
            return true;
        } catch (UnloadableLibraryException e) {
            line(false, what, e.getMessage());
            return false;
        }
    }

    private void gpu() {
        switch (GpuProbe.probe()) {
            case GpuStatus.Present(var gpus, var refused) -> {
                gpus.stream()
                        .filter(gpu -> number.isEmpty() || gpu.index() == number.get())
                        .forEach(gpu -> line(true, "GPU", said(gpu)));
                if (number.isEmpty()) {
                    refused.forEach(
                            (gpu, reason) -> line(true, "GPU", gpu + ", unused: " + reason));
                }
                if (requireGpu || number.isPresent()) {
                    rehearse(number.orElse(gpus.getFirst().index()));
                }
            }
            case GpuStatus.Unusable(String reason) ->
                    line(false, "GPU", reason + "; with device.type: host models run on the CPU");
            case GpuStatus.Absent(String reason, boolean _) ->
                    line(
                            !requireGpu && number.isEmpty(),
                            "GPU",
                            "none, models run on the CPU: " + reason);
        }
    }

    private void rehearse(int gpu) {
        try {
            CudaDevice.rehearse(gpu);
            line(true, "TensorRT", "its Java presets load, and GPU " + gpu + " opens");
        } catch (DeviceException e) {
            line(false, "GPU", e.getMessage());
        }
    }

    private static String said(GpuInfo gpu) {
        return "%s, %s (%s, %s MiB), driver for CUDA %s, CUDA %s, TensorRT %s"
                .formatted(
                        gpu.index(),
                        gpu.name(),
                        gpu.architecture(),
                        gpu.memoryBytes() >> 20,
                        gpu.driver(),
                        gpu.cuda(),
                        gpu.tensorRt());
    }

    private void configuration(Path file) {
        WorkerConfig settings = ConfigReader.read(file, System.getenv());
        line(true, "configuration", file + ": " + Count.of(settings.models().size(), "model"));
        if (healthy) {
            // Where a library is missing, each model would only say so again.
            ModelCheck.of(settings)
                    .forEach(found -> line(found.good(), found.what(), found.said()));
        }
        events(settings);
        queue(settings);
        ResultCheck.of(settings).ifPresent(found -> line(found.good(), "results", found.said()));
        objects(settings);
    }

    private void objects(WorkerConfig settings) {
        int buckets = settings.fetch().s3().allowBuckets().size();
        if (buckets == 0) {
            return;
        }
        try {
            Optional<String> missing = StoreCheck.missing(settings);
            line(
                    missing.isEmpty(),
                    "objects",
                    missing.orElse(
                            "credentials for %s of fetch.s3 are here"
                                    .formatted(Count.of(buckets, "bucket"))));
        } catch (ConfigException e) {
            line(false, "objects", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            line(false, "objects", "not checked, since the check was interrupted");
        }
    }

    /** What becomes of messages that leave something to the configuration. */
    private void events(WorkerConfig settings) {
        try {
            List<String> missing = UrlPolicies.contents(settings).missing();
            line(
                    true,
                    "events",
                    missing.isEmpty()
                            ? "an event of a bucket is for "
                                    + String.join(", ", settings.source().tasks())
                            : "an event of a bucket would be refused; where there are any, set "
                                    + String.join(" and ", missing));
        } catch (ConfigException e) {
            line(false, "events", e.getMessage());
        }
    }

    private void queue(WorkerConfig settings) {
        QueueSettings queue = settings.queue();
        try (SqsClient client = SqsClients.create(queue)) {
            QueueStatus status = new QueueProbe(client, queue).describe();
            line(
                    true,
                    "queue",
                    "%s: %s visible, %s in flight; %s"
                            .formatted(
                                    queue.url(),
                                    status.visible(),
                                    status.inFlight(),
                                    status.redrive()));
            QueueFit.of(settings, status)
                    .misfits()
                    .forEach(misfit -> print("warn  queue: " + misfit));
        } catch (QueueUnavailableException | IllegalArgumentException e) {
            line(false, "queue", e.getMessage());
        }
    }

    private void line(boolean good, String what, String found) {
        healthy &= good;
        print((good ? "ok    " : "FAIL  ") + what + ": " + found);
    }

    private void print(String line) {
        commandSpec.commandLine().getOut().println(line);
    }
}
