package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds out whether there is a GPU with all that models need on it. It opens NVIDIA's libraries
 * itself and touches no class of the CUDA or TensorRT presets: without a driver those die in their
 * initialisers, and TensorRT hands out a pointer to nothing. It never throws. Used once.
 */
public final class GpuProbe {
    /** Of CUDA 13.0: what the runtime that the presets are built for asks of the driver. */
    private static final int MIN_DRIVER = 13_000;

    private static final int TENSORRT_MAJOR = 10;
    private static final int MIN_TENSORRT_MINOR = 15;

    /** TensorRT 10.15 serves nothing older than 7.5. */
    private static final int MIN_CAPABILITY = 75;

    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int NAME_BYTES = 256;

    /** What CUDA's compatibility libraries say where they do not work. */
    private static final Map<Integer, String> COMPAT_REFUSALS =
            Map.of(
                    803, ", the driver's libraries are not those of the kernel's driver",
                    804, ", CUDA's compatibility libraries do not serve this card");

    /** What {@code cuInit} says where it finds no device. */
    private static final int NO_DEVICE = 100;

    private final Libraries libraries;
    private final NvidiaHardware hardware;
    private final SortedMap<Integer, String> refused = new TreeMap<>();

    GpuProbe(Libraries libraries) {
        this(libraries, NvidiaHardware.ofThisMachine());
    }

    GpuProbe(Libraries libraries, NvidiaHardware hardware) {
        this.libraries = libraries;
        this.hardware = hardware;
    }

    /** What this machine has, with the folders of {@code MILLRACE_GPU_LIBS} searched first. */
    public static GpuStatus probe() {
        return new GpuProbe(Libraries.fromEnvironment()).status();
    }

    GpuStatus status() {
        try (Arena arena = Arena.ofConfined()) {
            return new GpuStatus.Present(gpus(arena), refused);
        } catch (NoGpuException e) {
            return hardware.without(e.getMessage(), e.installed || libraries.has(TensorRt.LIBRARY));
        } catch (DeviceException e) {
            return new GpuStatus.Unusable(e.getMessage());
        } catch (Throwable e) {
            return new GpuStatus.Unusable("the search for a GPU failed: " + e);
        }
    }

    /** NVIDIA's driver is not there, or shows no GPU; what the kernel shows decides. */
    private static final class NoGpuException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean installed;

        /**
         * @param installed whether NVIDIA's driver is, as far as it has libraries
         */
        private NoGpuException(String message, boolean installed) {
            super(message);
            this.installed = installed;
        }
    }

    private List<GpuInfo> gpus(Arena arena) {
        DynamicLibrary driver = driver();
        try {
            String served = startDriver(driver, arena);
            List<GpuInfo> cards = cards(driver, served, arena);
            String first = cards.getFirst().name();
            String cuda = runtimeVersion(first, arena);
            String tensorRt = tensorRtVersion(first);
            requireLinked(first);
            return cards.stream().map(card -> with(card, cuda, tensorRt)).toList();
        } catch (MissingLibraryException e) {
            throw new NoGpuException(
                    "%s is not NVIDIA's driver (%s); install NVIDIA's driver 580 or newer"
                            .formatted(driver.name(), e.getMessage()),
                    false);
        }
    }

    private DynamicLibrary driver() {
        try {
            return libraries.open("libcuda.so.1");
        } catch (MissingLibraryException e) {
            throw new NoGpuException(
                    "no NVIDIA driver (%s); install NVIDIA's driver 580 or newer, or start the container with its GPUs"
                            .formatted(e.getMessage()),
                    false);
        }
    }

    private static String startDriver(DynamicLibrary driver, Arena arena)
            throws MissingLibraryException {
        int code = driver.call("cuInit", 0);
        if (code == NO_DEVICE) {
            throw new NoGpuException(
                    "NVIDIA's driver does not start (cuInit gives 100, no device); see what nvidia-smi says",
                    true);
        }
        if (code != 0) {
            throw new DeviceException(
                    "NVIDIA's driver does not start (cuInit gives %s%s); see what nvidia-smi says"
                            .formatted(code, COMPAT_REFUSALS.getOrDefault(code, "")));
        }
        int served = number(driver, arena, "cuDriverGetVersion");
        if (served < MIN_DRIVER) {
            throw new DeviceException(
                    ("NVIDIA's driver serves CUDA %s and this build needs %s; install driver 580 or"
                                    + " newer, or on a data-centre card (T4, A10, A100, L4, H100; no"
                                    + " GeForce) put CUDA's compatibility libraries first in"
                                    + " LD_LIBRARY_PATH (package cuda-compat-13-1, in"
                                    + " /usr/local/cuda/compat)")
                            .formatted(version(served), version(MIN_DRIVER)));
        }
        return version(served);
    }

    private List<GpuInfo> cards(DynamicLibrary driver, String served, Arena arena)
            throws MissingLibraryException {
        int count = number(driver, arena, "cuDeviceGetCount");
        if (count == 0) {
            throw new NoGpuException(
                    "NVIDIA's driver shows no GPU; see what nvidia-smi says and whether CUDA_VISIBLE_DEVICES hides it",
                    true);
        }
        List<GpuInfo> cards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GpuInfo card = card(driver, served, i, arena);
            if (card.computeMajor() * 10 + card.computeMinor() < MIN_CAPABILITY) {
                refused.put(
                        i,
                        "the %s is %s and TensorRT 10.15 needs sm_75 or newer"
                                .formatted(card.name(), card.architecture()));
            } else {
                cards.add(card);
            }
        }
        if (cards.isEmpty()) {
            throw new DeviceException(refused.get(refused.firstKey()));
        }
        return cards;
    }

    private static GpuInfo card(DynamicLibrary driver, String served, int index, Arena arena)
            throws MissingLibraryException {
        int device = number(driver, arena, "cuDeviceGet", index);
        MemorySegment name = arena.allocate(NAME_BYTES);
        succeed(driver, "cuDeviceGetName", name, NAME_BYTES, device);
        MemorySegment bytes = arena.allocate(JAVA_LONG);
        succeed(driver, "cuDeviceTotalMem_v2", bytes, device);
        return new GpuInfo(
                index,
                name.getString(0),
                number(driver, arena, "cuDeviceGetAttribute", CAPABILITY_MAJOR, device),
                number(driver, arena, "cuDeviceGetAttribute", CAPABILITY_MINOR, device),
                bytes.get(JAVA_LONG, 0),
                served,
                "",
                "");
    }

    /** What a function of the driver writes where its first argument leads to. */
    private static int number(DynamicLibrary driver, Arena arena, String function, Object... others)
            throws MissingLibraryException {
        MemorySegment number = arena.allocate(JAVA_INT);
        succeed(
                driver,
                function,
                Stream.concat(Stream.of(number), Arrays.stream(others)).toArray());
        return number.get(JAVA_INT, 0);
    }

    private static void succeed(DynamicLibrary driver, String function, Object... arguments)
            throws MissingLibraryException {
        int code = driver.call(function, arguments);
        if (code != 0) {
            throw new DeviceException(
                    "NVIDIA's driver fails (%s gives %s); see what nvidia-smi says"
                            .formatted(function, code));
        }
    }

    private String runtimeVersion(String card, Arena arena) {
        try {
            MemorySegment version = arena.allocate(JAVA_INT);
            int code = libraries.open(Cuda.LIBRARY).call("cudaRuntimeGetVersion", version);
            if (code != 0) {
                throw new MissingLibraryException("cudaRuntimeGetVersion gives " + code);
            }
            return version(version.get(JAVA_INT, 0));
        } catch (MissingLibraryException e) {
            throw without(card, "the CUDA 13 runtime", e);
        }
    }

    private String tensorRtVersion(String card) {
        try {
            DynamicLibrary library = libraries.open(TensorRt.LIBRARY);
            int major = library.call("getInferLibMajorVersion");
            int minor = library.call("getInferLibMinorVersion");
            int patch = library.call("getInferLibPatchVersion");
            int build = library.call("getInferLibBuildVersion");
            String version = major + "." + minor + "." + patch + "." + build;
            if (major != TENSORRT_MAJOR || minor < MIN_TENSORRT_MINOR) {
                throw new MissingLibraryException(library.name() + " is TensorRT " + version);
            }
            return version;
        } catch (MissingLibraryException e) {
            throw without(card, "TensorRT 10.15", e);
        }
    }

    private void requireLinked(String card) {
        try {
            TensorRt.requireLinked(libraries);
        } catch (MissingLibraryException e) {
            throw new DeviceException(
                    "a %s is here, but TensorRT's Java presets cannot be loaded: %s"
                            .formatted(card, e.getMessage()));
        }
    }

    private static DeviceException without(String card, String what, MissingLibraryException why) {
        return new DeviceException(
                "a %s is here, but %s is not (%s); install it, or name its folder in %s"
                        .formatted(card, what, why.getMessage(), Libraries.VARIABLE));
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
}
