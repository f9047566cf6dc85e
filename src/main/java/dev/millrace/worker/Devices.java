package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Tracer;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.GpuProbe;
import dev.millrace.gpu.cuda.GpuStatus;
import dev.millrace.gpu.host.HostDevice;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the device that the configuration asks for. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private Devices() {}

    public static Device open(
            WorkerConfig.DeviceChoice choice, WorkerProfile profile, int models, Tracer tracer) {
        if (choice.simulate().isPresent()) {
            return HostDevice.simulated(choice.simulate().get(), tracer);
        }
        return switch (choice.type()) {
            case HOST -> host(choice, models, tracer);
            case CUDA -> cuda(choice, profile);
            case AUTO ->
                    switch (GpuProbe.probe()) {
                        case GpuStatus.Present(var gpus) -> cuda(choice, profile);
                        case GpuStatus.Absent(String reason) -> {
                            LOG.info("models run on the CPU: {}", reason);
                            yield host(choice, models, tracer);
                        }
                    };
        };
    }

    private static Device host(WorkerConfig.DeviceChoice choice, int models, Tracer tracer) {
        // All lanes of all models may compute at once, and decoding wants cores too.
        int lanes = choice.lanes() * models;
        return HostDevice.computing(
                Math.max(1, Runtime.getRuntime().availableProcessors() / lanes), tracer);
    }

    private static Device cuda(WorkerConfig.DeviceChoice choice, WorkerProfile profile) {
        try {
            return CudaDevice.open(choice.index(), profile.gpuSpins());
        } catch (DeviceException e) {
            throw new ConfigException(
                    "device.type: '%s' cannot use the GPU: %s"
                            .formatted(
                                    choice.type().name().toLowerCase(Locale.ROOT), e.getMessage()));
        }
    }
}
