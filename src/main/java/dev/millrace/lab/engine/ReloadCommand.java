package dev.millrace.lab.engine;

import dev.millrace.bundle.Bundle;
import dev.millrace.cli.BundleOptions;
import dev.millrace.cli.EngineCommand;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Loads, runs and frees a model again and again, and says what each time costs of memory. */
@Command(
        name = "reload",
        description =
                "Load, run and free a model N times and then N times more, and say how much"
                        + " memory of the GPU and of the process each of the later reloads lost.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the GPU's memory came back, to within 1 MiB",
            "1:some of it did not come back, or the device failed",
            "2:a mistake in the options or the bundle, no plan that fits, or no GPU"
        })
public final class ReloadCommand implements Callable<Integer> {
    private static final String WITHOUT_GPU =
            "reload measures a GPU's memory and does nothing without one";

    @Mixin private BundleOptions options = new BundleOptions();
    @Mixin private JsonOption json;

    @Option(
            names = "--times",
            paramLabel = "N",
            defaultValue = "20",
            description = "Reloads in each half of the measurement (default: ${DEFAULT-VALUE}).")
    private int times;

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        if (times < 1) {
            throw new ConfigException("--times: '" + times + "' must be at least 1");
        }
        json.check();
        Bundle bundle = options.load();
        int batch = options.maxBatch(bundle);
        Verification.Side side = options.side(bundle, "cuda", parent.gpu(), batch, WITHOUT_GPU);
        try (Device device = side.device()) {
            CudaDevice gpu = (CudaDevice) device;
            ReloadGrowth.Used before = used(gpu, side, batch, 1);
            ReloadGrowth.Used once = used(gpu, side, batch, times);
            ReloadGrowth growth =
                    new ReloadGrowth(times, before, once, used(gpu, side, batch, times));
            commandSpec
                    .commandLine()
                    .getOut()
                    .println(
                            "%s on %s, %s"
                                    .formatted(options.name(), gpu.description(), growth.words()));
            json.write(growth.json());
            return growth.isFlat() ? 0 : 1;
        }
    }

    /** What is in use after some more reloads. */
    private static ReloadGrowth.Used used(
            CudaDevice gpu, Verification.Side side, int batch, int reloads) throws IOException {
        for (int i = 0; i < reloads; i++) {
            try (Engine engine = gpu.load(side.source())) {
                Overlap.measure(gpu, engine, batch, 1);
            }
        }
        System.gc();
        return new ReloadGrowth.Used(gpu.gpu().memoryBytes() - gpu.freeBytes(), residentBytes());
    }

    private static long residentBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(kib -> Long.parseLong(kib) << 10)
                    .findFirst()
                    .orElse(0);
        }
    }
}
