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
    private static final String REMEDY =
            "install NVIDIA's own TensorRT and name its lib folder with --trt-lib-dir";

    /** Looks in {@code folders}, in order. Throws {@link DeviceException}, one line. */
    static BuilderResource find(GpuInfo gpu, List<Path> folders) {
        String asked = name(gpu, "sm" + gpu.computeMajor() + gpu.computeMinor());
        Optional<Path> own = Libraries.find(asked, folders);
        if (own.isPresent()) {
            return new BuilderResource(own.get(), asked);
        }
        Optional<Path> ptx = Libraries.find(name(gpu, "ptx"), folders);
        int capability = gpu.computeMajor() * 10 + gpu.computeMinor();
        if (ptx.isPresent() && capability >= MIN_PTX) {
            return new BuilderResource(ptx.get(), asked);
        }
        throw new DeviceException(
                asked
                        + " is in none of "
                        + folders
                        + (ptx.isPresent() ? " and ptx does not serve " + gpu.architecture() : "")
                        + "; "
                        + REMEDY);
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

    /** For a person. */
    String description() {
        return file + (forwarded() ? " under the name " + askedFor : "");
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
