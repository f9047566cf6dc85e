package dev.millrace.observe;

import com.sun.management.OperatingSystemMXBean;
import dev.millrace.resource.Build;
import java.lang.management.ManagementFactory;
import java.time.Instant;

/**
 * Which build this process runs, since when, and what it has of the machine.
 *
 * @param cpus processors that it may use
 * @param residentBytes 0 where the kernel does not say
 * @param memoryLimitBytes of its container, or of the machine
 */
public record ProcessFacts(
        String version,
        String revision,
        String java,
        Instant started,
        int cpus,
        long residentBytes,
        long memoryLimitBytes) {

    public static ProcessFacts now() {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new ProcessFacts(
                Build.THIS.version(),
                Build.THIS.revision(),
                System.getProperty("java.version"),
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()),
                system.getAvailableProcessors(),
                // NaN becomes 0.
                (long) ResidentMemory.bytes(),
                system.getTotalMemorySize());
    }
}
