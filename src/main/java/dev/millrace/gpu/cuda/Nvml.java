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
 * What NVIDIA's management library measures of one GPU, or of one MIG instance. Each reading is a
 * call to the driver, made when it is asked for, by any thread; a value that the GPU does not give
 * is {@code NaN}.
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

    private Nvml(DynamicLibrary library, String pciBusId, Optional<String> cudaUuid)
            throws MissingLibraryException {
        try (Arena arena = Arena.ofConfined()) {
            succeed(library, "nvmlInit_v2");
            MemorySegment handle = arena.allocate(ADDRESS);
            succeed(
                    library,
                    "nvmlDeviceGetHandleByPciBusId_v2",
                    arena.allocateFrom(pciBusId),
                    handle);
            MemorySegment card = handle.get(ADDRESS, 0);
            boolean whole = !isSliced(library, card, arena);
            this.device = whole ? card : instance(library, card, cudaUuid, arena);
            this.uuid = uuid(library, device, arena);
            if (!whole) {
                LOG.info(
                        "{} is a MIG instance: its memory is known, its utilisation, power and clock are not",
                        uuid);
            }
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

    /** Whether the card is split into MIG instances; one that knows no such thing is not. */
    private static boolean isSliced(DynamicLibrary library, MemorySegment card, Arena arena)
            throws MissingLibraryException {
        MemorySegment current = arena.allocate(JAVA_INT);
        int code = library.call("nvmlDeviceGetMigMode", card, current, arena.allocate(JAVA_INT));
        return code == 0 && current.get(JAVA_INT, 0) != 0;
    }

    /** The instance of a card that CUDA uses, so that the figures are not its neighbours'. */
    private static MemorySegment instance(
            DynamicLibrary library, MemorySegment card, Optional<String> cudaUuid, Arena arena)
            throws MissingLibraryException {
        MemorySegment most = arena.allocate(JAVA_INT);
        succeed(library, "nvmlDeviceGetMaxMigDeviceCount", card, most);
        MemorySegment handle = arena.allocate(ADDRESS);
        for (int i = 0; i < most.get(JAVA_INT, 0); i++) {
            if (library.call("nvmlDeviceGetMigDeviceHandleByIndex", card, i, handle) == 0) {
                MemorySegment instance = handle.get(ADDRESS, 0);
                String found = uuid(library, instance, arena);
                if (cudaUuid.filter(own -> found.equals("MIG-" + own)).isPresent()) {
                    return instance;
                }
            }
        }
        throw new MissingLibraryException(
                "the GPU is split by MIG, and NVML does not show the instance "
                        + cudaUuid.orElse("that CUDA uses"));
    }

    private static String uuid(DynamicLibrary library, MemorySegment device, Arena arena)
            throws MissingLibraryException {
        MemorySegment name = arena.allocate(UUID_BYTES);
        succeed(library, "nvmlDeviceGetUUID", device, name, UUID_BYTES);
        return name.getString(0);
    }

    private static void succeed(DynamicLibrary library, String function, Object... arguments)
            throws MissingLibraryException {
        int code = library.call(function, arguments);
        if (code != 0) {
            throw new MissingLibraryException(function + " gives " + code);
        }
    }

    /** Opens the library for a GPU, or its MIG instance; empty where it does not show it. */
    public static Optional<Nvml> open(CudaDevice gpu) {
        Libraries libraries = Libraries.fromEnvironment();
        return open(
                libraries, LIBRARY, gpu.pciBusId(), DriverUuid.of(libraries, gpu.gpu().index()));
    }

    static Optional<Nvml> open(
            Libraries libraries, String soname, String pciBusId, Optional<String> cudaUuid) {
        try {
            return Optional.of(new Nvml(libraries.open(soname), pciBusId, cudaUuid));
        } catch (MissingLibraryException e) {
            LOG.info("no metrics of the GPU: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Such as {@code GPU-8f6d...} or {@code MIG-8f6d...}: Triton's label of a GPU. */
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
