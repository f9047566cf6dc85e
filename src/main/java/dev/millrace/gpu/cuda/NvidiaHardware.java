package dev.millrace.gpu.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether NVIDIA's hardware is on this machine, by the files of the kernel: the driver's libraries
 * cannot say it where they fail. Reads files only.
 */
final class NvidiaHardware {
    /** A container has them only where it was given a GPU. */
    private static final List<String> DEVICES = List.of("dev/nvidiactl", "dev/nvidia0");

    /** The kernel's driver, which every container sees. */
    private static final String DRIVER = "proc/driver/nvidia/version";

    /** WSL has the first for any maker's GPU, and the second beside it for NVIDIA's. */
    private static final List<String> WSL = List.of("dev/dxg", "usr/lib/wsl/lib/libcuda.so.1");

    private static final String VENDOR = "0x10de";
    private static final String DISPLAY = "0x03";

    private final Path root;
    private final Map<String, String> environment;

    NvidiaHardware(Path root, Map<String, String> environment) {
        this.root = root;
        this.environment = environment;
    }

    static NvidiaHardware ofThisMachine() {
        return new NvidiaHardware(Path.of("/"), System.getenv());
    }

    /**
     * What it means that NVIDIA's driver is not there or shows no GPU. The kernel's driver and a
     * card on the PCI bus are nothing to compute with unless something of NVIDIA's is installed for
     * them: every container sees those of its host, and a desktop shows pictures without any.
     *
     * @param reason what the search for a GPU found, one line
     * @param installed whether libraries of NVIDIA are
     */
    GpuStatus without(String reason, boolean installed) {
        String visible = environment.getOrDefault("CUDA_VISIBLE_DEVICES", "0").strip();
        if (visible.isEmpty() || visible.equals("-1")) {
            return new GpuStatus.Absent(reason + " (CUDA_VISIBLE_DEVICES hides every GPU)", false);
        }
        Optional<String> device = device();
        Optional<String> trace = device.or(this::trace);
        if (trace.isEmpty()) {
            return new GpuStatus.Absent(reason, false);
        }
        String found = "%s says that an NVIDIA GPU is here, but: %s".formatted(trace.get(), reason);
        return device.isPresent() || installed
                ? new GpuStatus.Unusable(found)
                : new GpuStatus.Absent(found, true);
    }

    private Optional<String> device() {
        return DEVICES.stream()
                .filter(this::exists)
                .findFirst()
                .or(
                        () ->
                                Optional.of(WSL.getFirst())
                                        .filter(_ -> WSL.stream().allMatch(this::exists)))
                .map(file -> "/" + file);
    }

    private Optional<String> trace() {
        return exists(DRIVER)
                ? Optional.of("/" + DRIVER)
                : card().map(address -> "the PCI bus (" + address + ")");
    }

    /** The first card on the PCI bus, such as {@code 0000:00:1e.0}, whoever drives it. */
    private Optional<String> card() {
        Path devices = root.resolve("sys/bus/pci/devices");
        if (!Files.isDirectory(devices)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(devices)) {
            return all.filter(device -> content(device, "vendor").equals(VENDOR))
                    .filter(device -> content(device, "class").startsWith(DISPLAY))
                    .map(device -> device.getFileName().toString())
                    .sorted()
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static String content(Path device, String file) {
        try {
            return Files.readString(device.resolve(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private boolean exists(String file) {
        return Files.exists(root.resolve(file));
    }
}
