package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the worker before this one computed on, kept in {@code state.directory}: where it had a GPU,
 * one that is started again must not come up on the CPU because the GPU fell off its bus. It counts
 * until the machine is started again.
 *
 * @param file where it is kept; nothing is where there is none
 * @param boot of the machine
 */
record LastDevice(Optional<Path> file, String boot) {
    private static final Logger LOG = LoggerFactory.getLogger(LastDevice.class);
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    static LastDevice of(WorkerConfig config) {
        return new LastDevice(
                config.state().directory().map(folder -> folder.resolve("gpu")),
                lines(BOOT).stream().findFirst().orElse(""));
    }

    /** Remembers a GPU. */
    void isGpu(String name) {
        if (file.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(file.get().getParent());
            Files.write(file.get(), List.of(boot, name));
        } catch (IOException e) {
            LOG.warn("{} cannot be written: {}", file.get(), e.toString());
        }
    }

    /** Throws {@link ConfigException} with one line where the worker before this one had a GPU. */
    void requireNoGpu(String reason) {
        List<String> kept = file.map(LastDevice::lines).orElse(List.of());
        if (kept.size() == 2 && kept.getFirst().equals(boot)) {
            throw new ConfigException(
                    "device.type: 'auto' used a %s at the last start, which cannot be used now: %s; write 'host' to go on with the CPU"
                            .formatted(kept.getLast(), reason));
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
