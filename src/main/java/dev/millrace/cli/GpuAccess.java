package dev.millrace.cli;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.worker.ConfigException;
import java.nio.file.Path;
import java.util.Optional;

/** The way of the commands to a GPU. Throws {@link ConfigException} with one line without one. */
public interface GpuAccess {
    /** What this build and this machine have. */
    static GpuAccess ofThisMachine() {
        return new GpuAccess() {
            @Override
            public PlanCompiler compiler(Optional<Path> tensorRt) {
                throw none();
            }

            @Override
            public Device device() {
                throw none();
            }

            private ConfigException none() {
                return new ConfigException(
                        "no GPU: this build computes on the CPU only; run it where there is one");
            }
        };
    }

    /**
     * @param tensorRt folder of an installed TensorRT whose libraries are taken instead
     */
    PlanCompiler compiler(Optional<Path> tensorRt);

    Device device();
}
