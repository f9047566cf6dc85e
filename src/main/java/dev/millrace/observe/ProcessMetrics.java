package dev.millrace.observe;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import java.lang.management.ManagementFactory;
import java.util.function.ToDoubleFunction;

/**
 * What the process and its JVM use: memory and how much of it there is, CPU time, threads,
 * collections. The names {@code process_*} are those that Prometheus' own clients have.
 */
final class ProcessMetrics implements AutoCloseable {
    /** Under names that break Prometheus' rules; those of ours stand in their place. */
    private static final String[] RENAMED = {"process.cpu.time", "system.cpu.count"};

    private final JvmGcMetrics gc = new JvmGcMetrics();

    ProcessMetrics(MeterRegistry registry) {
        for (String name : RENAMED) {
            registry.config().meterFilter(MeterFilter.denyNameStartsWith(name));
        }
        gauge(
                registry,
                "resident.memory.bytes",
                "Resident memory of the process.",
                _ -> resident());
        gauge(
                registry,
                "memory.limit.bytes",
                "Memory that the process may take: that of its container, or of the machine.",
                OperatingSystemMXBean::getTotalMemorySize);
        gauge(
                registry,
                "start.time.seconds",
                "When the process started, in seconds since 1970.",
                _ -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
        gauge(
                registry,
                "cpus",
                "Processors that the process may use.",
                OperatingSystemMXBean::getAvailableProcessors);
        FunctionCounter.builder("process.cpu.seconds", system(), s -> s.getProcessCpuTime() / 1e9)
                .description("CPU time that the process has used, all threads together.")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    private static OperatingSystemMXBean system() {
        return (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    }

    private static double resident() {
        return ResidentMemory.bytes();
    }

    private static void gauge(
            MeterRegistry registry,
            String name,
            String help,
            ToDoubleFunction<OperatingSystemMXBean> value) {
        Gauge.builder("process." + name, system(), value).description(help).register(registry);
    }

    @Override
    public void close() {
        gc.close();
    }
}
