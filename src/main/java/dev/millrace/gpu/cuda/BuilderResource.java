package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The library with the kernels that TensorRT builds from. TensorRT asks for one by the GPU's
 * architecture; NVIDIA's own packages have them all, the redistributable one of the presets only
 * {@code ptx}, which serves sm_80 and above.
 *
 * @param file the library that is there
 * @param askedFor the name that TensorRT will ask the loader for
 */
record BuilderResource(Path file, String askedFor) {
    private static final int MIN_PTX = 80;

    /**
     * The architectures that NVIDIA's packages of TensorRT 10.15 have a library for; sm110 only
     * those for ARM. A GPU between two of them is served by the one below it in its generation, as
     * its machine code runs there: 8.7 by sm86, 10.3 by sm100, 12.1 by sm120.
     */
    private static final int[] LIBRARIES = {75, 80, 86, 89, 90, 100, 110, 120};

    private static final int GENERATION = 10;
    private static final String REMEDY =
            "install NVIDIA's own TensorRT and name its lib folder with --trt-lib-dir";

    /** Looks in {@code folders}, in order. Throws {@link DeviceException}, one line. */
    static BuilderResource find(GpuInfo gpu, List<Path> folders) {
        String asked = name(gpu, kernels(capability(gpu)));
        Optional<Path> own = Libraries.find(asked, folders);
        if (own.isPresent()) {
            return new BuilderResource(own.get(), asked);
        }
        Optional<Path> ptx = Libraries.find(name(gpu, "ptx"), folders);
        if (ptx.isPresent() && capability(gpu) >= MIN_PTX) {
            return new BuilderResource(ptx.get(), asked);
        }
        throw new DeviceException(
                asked
                        + " was not found in any of "
                        + folders
                        + (ptx.isPresent() ? " and ptx does not serve " + gpu.architecture() : "")
                        + "; "
                        + REMEDY);
    }

    private static int capability(GpuInfo gpu) {
        return gpu.computeMajor() * GENERATION + gpu.computeMinor();
    }

    /** What TensorRT calls the kernels of a GPU, such as {@code sm86}. */
    static String kernels(int capability) {
        return IntStream.of(LIBRARIES)
                .filter(library -> library <= capability)
                .filter(library -> library / GENERATION == capability / GENERATION)
                .max()
                .stream()
                .mapToObj(library -> "sm" + library)
                .findFirst()
                .orElse("ptx");
    }

    /** TensorRT's files carry three parts of its version. */
    private static String name(GpuInfo gpu, String kernels) {
        String version = gpu.tensorRt().substring(0, gpu.tensorRt().lastIndexOf('.'));
        return "libnvinfer_builder_resource_" + kernels + ".so." + version;
    }

    /** Whether {@code ptx} stands in for the architecture's own. */
    private boolean forwarded() {
        return !file.getFileName().toString().equals(askedFor);
    }

    /** Opens it, so that TensorRT finds it by name wherever it lies. */
    void open() {
        try {
            DynamicLibrary.open(file.toString());
        } catch (MissingLibraryException e) {
            throw new DeviceException("the builder resource does not load: " + e.getMessage(), e);
        }
        if (forwarded()) {
            TensorRt.openStub(askedFor, REMEDY);
        }
    }

    /** For a person, and for the sidecar of what is built from it. */
    String description() {
        return forwarded()
                ? "%s in the place of %s: kernels of older architectures, so speeds are a lower bound"
                        .formatted(file, askedFor)
                : file.toString();
    }

    /**
     * What is to be expected of a driver that is older than the PTX; nothing where it is not, or
     * where the architecture's own library is there, which has machine code.
     */
    Optional<String> caution(GpuInfo gpu) {
        if (!forwarded()) {
            return Optional.empty();
        }
        try {
            DeviceCode code = DeviceCode.of(file);
            return code.isTooNewFor(gpu.driver())
                    ? Optional.of(
                            "%s has PTX %s.%s, which a driver for CUDA %s may refuse (codes 222 and 209): %s"
                                    .formatted(
                                            file.getFileName(),
                                            code.ptxMajor(),
                                            code.ptxMinor(),
                                            gpu.driver(),
                                            "install " + code.driver() + ", or " + REMEDY))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of(file + " cannot be read for its PTX version: " + e);
        }
    }

    /** The folders in which libraries of this process lie whose names begin with {@code prefix}. */
    static List<Path> foldersOf(String prefix) {
        List<Path> folders = new ArrayList<>();
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            maps.map(line -> line.substring(Math.max(line.indexOf('/'), 0)))
                    .filter(path -> path.startsWith("/"))
                    .map(Path::of)
                    .filter(path -> path.getFileName().toString().startsWith(prefix))
                    .map(Path::getParent)
                    .distinct()
                    .forEach(folders::add);
        } catch (IOException e) {
            // Without /proc the named folders have to do.
        }
        return folders;
    }
}
