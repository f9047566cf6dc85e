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
import org.slf4j.event.Level;

/** Opens the device that the configuration asks for. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private Devices() {}

    public static Device open(WorkerConfig config, Tracer tracer) {
        WorkerConfig.DeviceChoice choice = config.device();
        if (choice.simulate().isPresent()) {
            return HostDevice.simulated(choice.simulate().get(), tracer);
        }
        return switch (choice.type()) {
            case HOST -> host(config, tracer);
            case CUDA -> cuda(config);
            case AUTO ->
                    switch (GpuProbe.probe()) {
                        case GpuStatus.Present _ -> cuda(config);
                        case GpuStatus.Unusable(String reason) -> throw unusable(choice, reason);
                        case GpuStatus.Absent(String reason, boolean notable) -> {
                            LastDevice.of(config).requireNoGpu(reason);
                            LOG.atLevel(notable ? Level.WARN : Level.INFO)
                                    .log("models run on the CPU: {}", reason);
                            yield host(config, tracer);
                        }
                    };
        };
    }

    /**
     * Throws as {@link #open} does where the device cannot be had, and opens nothing: for those who
     * would start much before they open it.
     */
    public static void require(WorkerConfig.DeviceChoice choice) {
        if (choice.simulate().isPresent() || choice.type() == WorkerConfig.DeviceChoice.Type.HOST) {
            return;
        }
        switch (GpuProbe.probe()) {
            case GpuStatus.Present _ -> {}
            case GpuStatus.Unusable(String reason) -> throw unusable(choice, reason);
            case GpuStatus.Absent(String reason, _) -> {
                if (choice.type() == WorkerConfig.DeviceChoice.Type.CUDA) {
                    throw unusable(choice, reason);
                }
            }
        }
    }

    private static Device host(WorkerConfig config, Tracer tracer) {
        // For each model, as preprocess threads are: which of them has work changes.
        return HostDevice.computing(
                Runtime.getRuntime().availableProcessors(),
                config.profile() == WorkerProfile.LATENCY,
                tracer);
    }

    private static Device cuda(WorkerConfig config) {
        try {
            CudaDevice device =
                    CudaDevice.open(config.device().index(), config.profile().gpuSpins());
            LastDevice.of(config).isGpu(device.gpu().name());
            return device;
        } catch (DeviceException e) {
            throw unusable(config.device(), e.getMessage());
        }
    }

    private static ConfigException unusable(WorkerConfig.DeviceChoice choice, String reason) {
        WorkerConfig.DeviceChoice.Type type = choice.type();
        return new ConfigException(
                "device.type: '%s' cannot use the GPU: %s%s"
                        .formatted(
                                type.name().toLowerCase(Locale.ROOT),
                                reason,
                                type == WorkerConfig.DeviceChoice.Type.AUTO
                                        ? "; write 'host' to compute on the CPU"
                                        : ""));
    }
}
