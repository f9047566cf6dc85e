package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.GpuInfo;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out whether there is a GPU with all that models need on it. It opens NVIDIA's libraries
 * itself and touches no class of the CUDA or TensorRT presets: without a driver those die in their
 * initialisers, and TensorRT hands out a pointer to nothing. It never throws.
 */
public final class GpuProbe {
    /** Of CUDA 13.0: what the runtime that the presets are built for asks of the driver. */
    private static final int LEAST_DRIVER = 13_000;

    private static final int TENSORRT_MAJOR = 10;
    private static final int LEAST_TENSORRT_MINOR = 15;

    /** TensorRT 10.15 serves nothing older than 7.5. */
    private static final int LEAST_CAPABILITY = 75;

    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int NAME_BYTES = 256;

    private static final FunctionDescriptor INT_OF_INT = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
    private static final FunctionDescriptor INT_OF_ADDRESS =
            FunctionDescriptor.of(JAVA_INT, ADDRESS);
    private static final FunctionDescriptor INT_OF_ADDRESS_INT =
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);

    private final Libraries libraries;

    GpuProbe(Libraries libraries) {
        this.libraries = libraries;
    }

    /** What this machine has, with the folders of {@code MILLRACE_GPU_LIBS} searched first. */
    public static GpuStatus probe() {
        return new GpuProbe(Libraries.fromEnvironment()).status();
    }

    GpuStatus status() {
        try (Arena arena = Arena.ofConfined()) {
            return new GpuStatus.Present(gpus(arena));
        } catch (NotUsable e) {
            return new GpuStatus.Absent(e.getMessage());
        } catch (Throwable e) {
            return new GpuStatus.Absent("the search for a GPU failed: " + e);
        }
    }

    private List<GpuInfo> gpus(Arena arena) throws Throwable {
        DynamicLibrary driver = driver();
        try {
            int driverVersion = startDriver(driver, arena);
            List<GpuInfo> cards = cards(driver, version(driverVersion), arena);
            String cuda = runtimeVersion(cards, arena);
            String tensorRt = tensorRtVersion(cards);
            return cards.stream().map(card -> with(card, cuda, tensorRt)).toList();
        } catch (MissingLibraryException e) {
            throw new NotUsable(
                    driver.name()
                            + " is not NVIDIA's driver ("
                            + e.getMessage()
                            + "); install NVIDIA's driver 580 or newer");
        }
    }

    private DynamicLibrary driver() throws NotUsable {
        try {
            return libraries.open("libcuda.so.1");
        } catch (MissingLibraryException e) {
            throw new NotUsable(
                    "no NVIDIA driver ("
                            + e.getMessage()
                            + "); install NVIDIA's driver 580 or newer, or start the container with its GPUs");
        }
    }

    private static int startDriver(DynamicLibrary driver, Arena arena) throws Throwable {
        int code = (int) driver.bind("cuInit", INT_OF_INT).invokeExact(0);
        if (code != 0) {
            throw new NotUsable(
                    "NVIDIA's driver does not start (cuInit gives "
                            + code
                            + (code == 100 ? ", no device" : "")
                            + "); see what nvidia-smi says");
        }
        MemorySegment version = arena.allocate(JAVA_INT);
        driverCall(driver, "cuDriverGetVersion", INT_OF_ADDRESS, version);
        int served = version.get(JAVA_INT, 0);
        if (served < LEAST_DRIVER) {
            throw new NotUsable(
                    "NVIDIA's driver serves CUDA "
                            + version(served)
                            + " and this build needs "
                            + version(LEAST_DRIVER)
                            + "; install driver 580 or newer");
        }
        return served;
    }

    private static void driverCall(
            DynamicLibrary driver, String function, FunctionDescriptor type, Object... arguments)
            throws Throwable {
        int code = (int) driver.bind(function, type).invokeWithArguments(arguments);
        if (code != 0) {
            throw new NotUsable(
                    "NVIDIA's driver fails ("
                            + function
                            + " gives "
                            + code
                            + "); see what nvidia-smi says");
        }
    }

    private static List<GpuInfo> cards(DynamicLibrary driver, String version, Arena arena)
            throws Throwable {
        MemorySegment count = arena.allocate(JAVA_INT);
        driverCall(driver, "cuDeviceGetCount", INT_OF_ADDRESS, count);
        List<GpuInfo> cards = new ArrayList<>();
        for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
            cards.add(card(driver, version, i, arena));
        }
        if (cards.isEmpty()) {
            throw new NotUsable(
                    "NVIDIA's driver shows no GPU; see what nvidia-smi says and whether CUDA_VISIBLE_DEVICES hides it");
        }
        return cards;
    }

    private static GpuInfo card(DynamicLibrary driver, String version, int index, Arena arena)
            throws Throwable {
        MemorySegment handle = arena.allocate(JAVA_INT);
        driverCall(driver, "cuDeviceGet", INT_OF_ADDRESS_INT, handle, index);
        int device = handle.get(JAVA_INT, 0);
        MemorySegment name = arena.allocate(NAME_BYTES);
        driverCall(
                driver,
                "cuDeviceGetName",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                name,
                NAME_BYTES,
                device);
        MemorySegment bytes = arena.allocate(JAVA_LONG);
        driverCall(driver, "cuDeviceTotalMem_v2", INT_OF_ADDRESS_INT, bytes, device);
        GpuInfo card =
                new GpuInfo(
                        index,
                        name.getString(0),
                        attribute(driver, CAPABILITY_MAJOR, device, arena),
                        attribute(driver, CAPABILITY_MINOR, device, arena),
                        bytes.get(JAVA_LONG, 0),
                        version,
                        "",
                        "");
        if (card.computeMajor() * 10 + card.computeMinor() < LEAST_CAPABILITY) {
            throw new NotUsable(
                    "the "
                            + card.name()
                            + " is "
                            + card.architecture()
                            + " and TensorRT 10.15 needs sm_75 or newer; hide it with CUDA_VISIBLE_DEVICES");
        }
        return card;
    }

    private static int attribute(DynamicLibrary driver, int attribute, int device, Arena arena)
            throws Throwable {
        MemorySegment value = arena.allocate(JAVA_INT);
        driverCall(
                driver,
                "cuDeviceGetAttribute",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                value,
                attribute,
                device);
        return value.get(JAVA_INT, 0);
    }

    private String runtimeVersion(List<GpuInfo> cards, Arena arena) throws Throwable {
        try {
            MemorySegment version = arena.allocate(JAVA_INT);
            DynamicLibrary runtime = libraries.open(Cuda.LIBRARY);
            int code =
                    (int)
                            runtime.bind("cudaRuntimeGetVersion", INT_OF_ADDRESS)
                                    .invokeExact(version);
            if (code != 0) {
                throw new MissingLibraryException("cudaRuntimeGetVersion gives " + code);
            }
            return version(version.get(JAVA_INT, 0));
        } catch (MissingLibraryException e) {
            throw unusableLibrary(cards, "the CUDA 13 runtime", e);
        }
    }

    private String tensorRtVersion(List<GpuInfo> cards) throws Throwable {
        try {
            DynamicLibrary library = libraries.open(TensorRt.LIBRARY);
            int major = part(library, "Major");
            int minor = part(library, "Minor");
            String version =
                    major
                            + "."
                            + minor
                            + "."
                            + part(library, "Patch")
                            + "."
                            + part(library, "Build");
            if (major != TENSORRT_MAJOR || minor < LEAST_TENSORRT_MINOR) {
                throw new MissingLibraryException(library.name() + " is TensorRT " + version);
            }
            return version;
        } catch (MissingLibraryException e) {
            throw unusableLibrary(cards, "TensorRT 10.15", e);
        }
    }

    private static int part(DynamicLibrary library, String part) throws Throwable {
        return (int)
                library.bind("getInferLib" + part + "Version", FunctionDescriptor.of(JAVA_INT))
                        .invokeExact();
    }

    private static NotUsable unusableLibrary(
            List<GpuInfo> cards, String what, MissingLibraryException why) {
        return new NotUsable(
                "a "
                        + cards.getFirst().name()
                        + " is here, but "
                        + what
                        + " is not ("
                        + why.getMessage()
                        + "); install it, or name its folder in "
                        + Libraries.VARIABLE);
    }

    private static GpuInfo with(GpuInfo card, String cuda, String tensorRt) {
        return new GpuInfo(
                card.index(),
                card.name(),
                card.computeMajor(),
                card.computeMinor(),
                card.memoryBytes(),
                card.driver(),
                cuda,
                tensorRt);
    }

    private static String version(int number) {
        return number / 1000 + "." + number % 1000 / 10;
    }

    /** The reason why there is no GPU to use. */
    private static final class NotUsable extends Exception {
        private static final long serialVersionUID = 1L;

        NotUsable(String reason) {
            super(reason);
        }
    }
}
