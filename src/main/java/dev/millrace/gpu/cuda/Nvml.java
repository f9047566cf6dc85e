package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What NVIDIA's management library measures of one GPU. Each reading is a call to the driver, made
 * when it is asked for, by any thread; a value that the GPU does not give is {@code NaN}.
 */
public final class Nvml {
    private static final Logger LOG = LoggerFactory.getLogger(Nvml.class);
    private static final String LIBRARY = "libnvidia-ml.so.1";
    private static final int UUID_BYTES = 96;
    private static final int CLOCK_SM = 1;

    private static final FunctionDescriptor OF_DEVICE =
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);

    private final MemorySegment device;
    private final String uuid;
    private final MethodHandle utilization;
    private final MethodHandle memory;
    private final MethodHandle power;
    private final MethodHandle clock;

    private Nvml(DynamicLibrary library, String pciBusId) throws MissingLibraryException {
        try (Arena arena = Arena.ofConfined()) {
            succeed(library, "nvmlInit_v2");
            MemorySegment handle = arena.allocate(ADDRESS);
            succeed(
                    library,
                    "nvmlDeviceGetHandleByPciBusId_v2",
                    arena.allocateFrom(pciBusId),
                    handle);
            this.device = handle.get(ADDRESS, 0);
            MemorySegment name = arena.allocate(UUID_BYTES);
            succeed(library, "nvmlDeviceGetUUID", device, name, UUID_BYTES);
            this.uuid = name.getString(0);
        }
        this.utilization = library.bind("nvmlDeviceGetUtilizationRates", OF_DEVICE);
        this.memory = library.bind("nvmlDeviceGetMemoryInfo", OF_DEVICE);
        this.power = library.bind("nvmlDeviceGetPowerUsage", OF_DEVICE);
        MethodHandle clocks =
                library.bind(
                        "nvmlDeviceGetClockInfo",
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
        this.clock = MethodHandles.insertArguments(clocks, 1, CLOCK_SM);
    }

    private static void succeed(DynamicLibrary library, String function, Object... arguments)
            throws MissingLibraryException {
        int code = library.call(function, arguments);
        if (code != 0) {
            throw new MissingLibraryException(function + " gives " + code);
        }
    }

    /**
     * Opens the library for the GPU at a PCI bus id, as {@link CudaDevice#pciBusId} gives it; empty
     * where it is not there.
     */
    public static Optional<Nvml> open(String pciBusId) {
        return open(Libraries.fromEnvironment(), LIBRARY, pciBusId);
    }

    static Optional<Nvml> open(Libraries libraries, String soname, String pciBusId) {
        try {
            return Optional.of(new Nvml(libraries.open(soname), pciBusId));
        } catch (MissingLibraryException e) {
            LOG.info("no metrics of the GPU: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Such as {@code GPU-8f6d...}: Triton's label of a GPU. */
    public String uuid() {
        return uuid;
    }

    /** Share of the last sample period in which a kernel ran, 0 to 1. */
    public double utilization() {
        return read(utilization, 2 * JAVA_INT.byteSize(), r -> r.get(JAVA_INT, 0) / 100.0);
    }

    public double memoryTotalBytes() {
        return read(memory, 3 * JAVA_LONG.byteSize(), r -> r.getAtIndex(JAVA_LONG, 0));
    }

    public double memoryUsedBytes() {
        return read(memory, 3 * JAVA_LONG.byteSize(), r -> r.getAtIndex(JAVA_LONG, 2));
    }

    public double powerWatts() {
        return read(power, JAVA_INT.byteSize(), r -> r.get(JAVA_INT, 0) / 1e3);
    }

    /** Of the multiprocessors. */
    public double clockHertz() {
        return read(clock, JAVA_INT.byteSize(), r -> r.get(JAVA_INT, 0) * 1e6);
    }

    /** What is read from the structure that a call fills. */
    private double read(MethodHandle call, long bytes, ToDoubleFunction<MemorySegment> reading) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filled = arena.allocate(bytes, JAVA_LONG.byteAlignment());
            int code = (int) call.invokeExact(device, filled);
            return code == 0 ? reading.applyAsDouble(filled) : Double.NaN;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("NVML", e);
        }
    }
}
