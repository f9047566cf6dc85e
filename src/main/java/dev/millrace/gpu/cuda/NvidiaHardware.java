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
    /**
     * Of the kernel driver, for this process; a container has them only where it was given a GPU.
     */
    private static final List<String> DRIVER =
            List.of("dev/nvidiactl", "dev/nvidia0", "proc/driver/nvidia/version");

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
     * What it means that NVIDIA's driver is not there or shows no GPU. A card on the PCI bus alone
     * is none to compute with unless something of NVIDIA's is installed for it: every container
     * sees its host's cards, and a desktop's shows pictures without any.
     *
     * @param reason what the search for a GPU found, one line
     * @param installed whether libraries of NVIDIA are
     */
    GpuStatus without(String reason, boolean installed) {
        String visible = environment.getOrDefault("CUDA_VISIBLE_DEVICES", "0").strip();
        if (visible.isEmpty() || visible.equals("-1")) {
            return new GpuStatus.Absent(reason + " (CUDA_VISIBLE_DEVICES hides all)", false);
        }
        Optional<String> driver = driver();
        if (driver.isPresent()) {
            return new GpuStatus.Unusable(
                    "%s says that an NVIDIA GPU is here, but: %s".formatted(driver.get(), reason));
        }
        Optional<String> card = card();
        if (card.isEmpty()) {
            return new GpuStatus.Absent(reason, false);
        }
        String found =
                "an NVIDIA card is on the PCI bus (%s), but: %s".formatted(card.get(), reason);
        return installed ? new GpuStatus.Unusable(found) : new GpuStatus.Absent(found, true);
    }

    /** What of the kernel's driver is there, if anything. */
    private Optional<String> driver() {
        Stream<String> found = DRIVER.stream().filter(this::exists);
        Stream<String> wsl =
                WSL.stream().allMatch(this::exists) ? Stream.of(WSL.getFirst()) : Stream.empty();
        return Stream.concat(found, wsl).map(file -> "/" + file).findFirst();
    }

    /**
     * The first card on the PCI bus, such as {@code 0000:00:1e.0}, whoever drives it: a container
     * sees those of its host.
     */
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
