package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.build.ChildBuilds;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.TensorRtCompiler;
import java.nio.file.Path;
import java.util.Optional;

/** The way of the commands to a GPU. Throws {@link ConfigException} with one line without one. */
public interface GpuAccess {
    /** Those of this machine. */
    static GpuAccess ofThisMachine() {
        return new GpuAccess() {
            @Override
            public PlanCompiler compiler(int number, Optional<Path> tensorRt) {
                if (tensorRt.isEmpty()) {
                    requireGpu(number);
                }
                return new ChildBuilds(TensorRtCompiler.open(number, tensorRt), tensorRt);
            }

            @Override
            public Device device(int number) {
                requireGpu(number);
                return CudaDevice.open(number, false);
            }
        };
    }

    private static void requireGpu(int number) {
        try {
            CudaDevice.gpu(number);
        } catch (DeviceException e) {
            throw new ConfigException("no GPU: " + e.getMessage());
        }
    }

    /**
     * @param number of the GPU, as the driver counts
     * @param tensorRt folder of an installed TensorRT whose libraries are taken instead
     */
    PlanCompiler compiler(int number, Optional<Path> tensorRt);

    /**
     * @param number of the GPU, as the driver counts
     */
    Device device(int number);
}
