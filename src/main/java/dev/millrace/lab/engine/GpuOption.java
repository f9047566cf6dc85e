package dev.millrace.lab.engine;

import dev.millrace.cli.EngineCommand;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.cuda.CudaDevice;
import picocli.CommandLine.Option;

/** Which GPU a command runs kernels of its own on. */
final class GpuOption {
    @Option(
            names = "--gpu",
            paramLabel = "N",
            defaultValue = "0",
            description = "Which GPU, as the driver counts (default ${DEFAULT-VALUE}).")
    private int gpu;

    /** Throws {@link ConfigException} with one line where there is none. */
    CudaDevice open(EngineCommand command) {
        Device device = command.gpu().device(gpu);
        if (device instanceof CudaDevice cuda) {
            return cuda;
        }
        device.close();
        throw new ConfigException("no GPU: the kernels of this command are NVIDIA's");
    }
}
