package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.bundle.Bundle;
import dev.millrace.cli.BundleOptions;
import dev.millrace.cli.EngineCommand;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.verify.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Loads, runs and frees a model again and again, and says what that left of the GPU's memory. */
@Command(
        name = "reload",
        description = "Load, run and free a model N times, and compare the GPU's free memory.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the memory came back, to within 1 MiB",
            "1:it did not, or the device failed",
            "2:a mistake in the options or the bundle, no plan that fits, or no GPU"
        })
public final class ReloadCommand implements Callable<Integer> {
    private static final long ALLOWED_BYTES = 1 << 20;

    @Mixin private BundleOptions options = new BundleOptions();
    @Mixin private JsonOption json;

    @Option(
            names = "--times",
            paramLabel = "N",
            defaultValue = "20",
            description = "How often (default ${DEFAULT-VALUE}).")
    private int times;

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        if (times < 1) {
            throw new ConfigException("--times: '" + times + "' must be at least 1");
        }
        Bundle bundle = options.load();
        int batch = options.maxBatch(bundle);
        Verification.Side side = options.side(bundle, "cuda", parent.gpu(), batch);
        try (Device device = side.device()) {
            CudaDevice gpu = (CudaDevice) device;
            // The first time also loads what the libraries keep for good.
            use(side, batch);
            long before = gpu.freeBytes();
            for (int i = 0; i < times; i++) {
                use(side, batch);
            }
            long after = gpu.freeBytes();
            return report(gpu, before, after);
        }
    }

    private static void use(Verification.Side side, int batch) {
        try (Engine engine = side.device().load(side.source())) {
            Overlap.measure(side.device(), engine, batch, 1);
        }
    }

    private int report(CudaDevice gpu, long before, long after) throws IOException {
        long used = gpu.gpu().memoryBytes();
        PrintWriter out = commandSpec.commandLine().getOut();
        out.printf(
                "%s, %d reloads on %s: %d KiB of its memory did not come back%n",
                options.name(), times, gpu.description(), before - after >> 10);
        json.write(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("times", times)
                        .put("device_bytes_before", used - before)
                        .put("device_bytes_after", used - after));
        return before - after <= ALLOWED_BYTES ? 0 : 1;
    }
}
