package dev.millrace.worker;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Tracer;
import dev.millrace.gpu.host.HostDevice;

/** Opens the device that the configuration asks for. */
final class Devices {
    private Devices() {}

    static Device open(WorkerConfig.DeviceChoice choice, int models, Tracer tracer) {
        if (choice.simulate().isPresent()) {
            return HostDevice.simulated(choice.simulate().get(), tracer);
        }
        return switch (choice.type()) {
            case AUTO, HOST -> {
                // All lanes of all models may compute at once, and decoding wants cores too.
                int lanes = choice.lanes() * models;
                yield HostDevice.computing(
                        Math.max(1, Runtime.getRuntime().availableProcessors() / lanes), tracer);
            }
            case CUDA ->
                    throw new ConfigException(
                            "device.type: 'cuda' is not part of this build; use auto or host");
        };
    }
}
