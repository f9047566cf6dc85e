package dev.millrace.lab.engine;

import dev.millrace.bundle.Bundle;
import dev.millrace.cli.BundleOptions;
import dev.millrace.cli.GpuAccess;
import dev.millrace.verify.Verification;
import picocli.CommandLine.Option;

/** Where a command measures an engine. */
final class DeviceOption {
    private static final String WITHOUT_GPU = "without one, --device host measures on the CPU";

    @Option(
            names = "--device",
            paramLabel = "cuda|host",
            defaultValue = "cuda",
            description =
                    "Device to measure on; host is the CPU, and always computes in fp32 (default:"
                            + " ${DEFAULT-VALUE}).")
    private String device;

    /** The bundle as it is measured there. */
    Verification.Side side(BundleOptions options, Bundle bundle, GpuAccess gpu, int batch) {
        return device.equals("host")
                ? new Verification.Side(BundleOptions.host(), bundle.source(batch))
                : options.side(bundle, device, gpu, batch, WITHOUT_GPU);
    }
}
