package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.GpuProbe;
import dev.millrace.gpu.cuda.GpuStatus;
import dev.millrace.gpu.cuda.TensorRtCompiler;
import java.nio.file.Path;
import java.util.Optional;

/** The way of the commands to a GPU. Throws {@link ConfigException} with one line without one. */
public interface GpuAccess {
    /** The first GPU of this machine. */
    static GpuAccess ofThisMachine() {
        return new GpuAccess() {
            @Override
            public PlanCompiler compiler(Optional<Path> tensorRt) {
                if (tensorRt.isEmpty()) {
                    requireGpu();
                }
                return TensorRtCompiler.open(0, tensorRt);
            }

            @Override
            public Device device() {
                requireGpu();
                return CudaDevice.open(0, false);
            }
        };
    }

    private static void requireGpu() {
        if (GpuProbe.probe() instanceof GpuStatus.Absent(String reason)) {
            throw new ConfigException("no GPU: " + reason);
        }
    }

    /**
     * @param tensorRt folder of an installed TensorRT whose libraries are taken instead
     */
    PlanCompiler compiler(Optional<Path> tensorRt);

    Device device();
}
