package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.cuda.CudaDevice;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The option {@code --gpu}, and the GPU that it names, or a line that says what to do without. */
public final class GpuOption {
    @Option(
            names = "--gpu",
            paramLabel = "INDEX",
            defaultValue = "0",
            description =
                    "Number of the GPU, as the driver counts from 0 (default: ${DEFAULT-VALUE}).")
    private int number;

    public int number() {
        return number;
    }

    /**
     * Opens it. Throws {@link ConfigException} with one line where there is none.
     *
     * @param without what can be done without a GPU, or that nothing can
     */
    public Device open(GpuAccess gpus, String without) {
        return or(without, () -> gpus.device(number));
    }

    /** The same for what only NVIDIA's GPUs have. */
    public CudaDevice cuda(GpuAccess gpus, String without) {
        Device device = open(gpus, without);
        if (device instanceof CudaDevice cuda) {
            return cuda;
        }
        device.close();
        throw new ConfigException("no NVIDIA GPU; " + without);
    }

    /** What builds and reads plans for it. */
    PlanCompiler compiler(GpuAccess gpus, Optional<Path> tensorRt, String without) {
        return or(without, () -> gpus.compiler(number, tensorRt));
    }

    private static <T> T or(String without, Supplier<T> opens) {
        try {
            return opens.get();
        } catch (ConfigException e) {
            throw new ConfigException(e.getMessage() + "; " + without);
        }
    }
}
