package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.MissingLibraryException;
import dev.millrace.nativelib.NativeFolder;
import dev.millrace.nativelib.NativeLibrary;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be done before a class of TensorRT's presets is touched, and after. The libraries are
 * opened here first, so that those of the presets find them wherever they lie.
 */
final class TensorRt {
    static final String LIBRARY = "libnvinfer.so.10";

    private static final Logger LOG = LoggerFactory.getLogger(TensorRt.class);

    private static final List<String> REQUIRED = List.of("libcuda.so.1", Cuda.LIBRARY, LIBRARY);

    /** For the compiler only; a plan runs without it. */
    private static final String PARSER = "libnvonnxparser.so.10";

    /** The presets of the parser are linked to it. */
    private static final List<String> PLUGINS = List.of("libnvinfer_plugin.so.10");

    /**
     * The presets are linked to these, and TensorRT is not: where one is not installed, an empty
     * library of its name takes the place and a gigabyte is saved.
     */
    private static final List<String> LINKED_ONLY =
            List.of(
                    "libcublasLt.so.13",
                    "libcublas.so.13",
                    "libnvrtc.so.13",
                    "libcudnn_graph.so.9",
                    "libcudnn_ops.so.9",
                    "libcudnn_cnn.so.9",
                    "libcudnn_adv.so.9");

    /** Knows why TensorRT refused, where that was CUDA's doing. */
    private static volatile CudaErrors cuda;

    private static final String LINKED_REMEDY =
            "install cuBLAS 13, NVRTC 13 and cuDNN 9, or name their folders in "
                    + Libraries.VARIABLE;

    private static boolean prepared;
    private static boolean compilerPrepared;

    private TensorRt() {}

    /** Opens what the presets need to run plans; only after a probe that found a GPU. */
    static synchronized void prepare(Libraries libraries) {
        if (prepared) {
            return;
        }
        REQUIRED.forEach(soname -> open(libraries, soname));
        cuda = errors(libraries);
        standIn(libraries, LINKED_ONLY);
        NativeFolder.useForJavaCpp();
        initialise("org.bytedeco.tensorrt.global.nvinfer");
        try {
            NativeLibrary.get();
        } catch (MissingLibraryException e) {
            LOG.warn("TensorRT's objects cannot be freed: {}", e.getMessage());
        }
        prepared = true;
    }

    /** Opens what the presets need to build plans. */
    static synchronized void prepareCompiler(Libraries libraries) {
        prepare(libraries);
        if (!compilerPrepared) {
            standIn(libraries, PLUGINS);
            open(libraries, PARSER);
            initialise("org.bytedeco.tensorrt.global.nvonnxparser");
            compilerPrepared = true;
        }
    }

    private static void open(Libraries libraries, String soname) {
        try {
            libraries.open(soname);
        } catch (MissingLibraryException e) {
            throw new DeviceException(
                    "%s is missing (%s); install TensorRT 10.15 and CUDA 13, or name their folders in %s"
                            .formatted(soname, e.getMessage(), Libraries.VARIABLE),
                    e);
        }
    }

    private static CudaErrors errors(Libraries libraries) {
        try {
            return new CudaErrors(libraries.open(Cuda.LIBRARY));
        } catch (MissingLibraryException e) {
            throw new DeviceException(e.getMessage(), e);
        }
    }

    /**
     * Throws {@link MissingLibraryException}, one line, where {@link #prepare} would not find what
     * the presets are linked to.
     */
    static void requireLinked(Libraries libraries) throws MissingLibraryException {
        for (String soname : LINKED_ONLY) {
            // The real one is large, so it is opened only where it alone would do.
            if (!NativeLibrary.hasStub(soname) && !libraries.has(soname)) {
                throw new MissingLibraryException(
                        soname
                                + " was not found, and this build has no stand-in for it; "
                                + LINKED_REMEDY);
            }
        }
    }

    private static void standIn(Libraries libraries, List<String> linked) {
        for (String soname : linked) {
            try {
                libraries.open(soname);
            } catch (MissingLibraryException e) {
                LOG.debug("{} is not here and not needed", soname);
                openStub(soname, LINKED_REMEDY);
            }
        }
    }

    /** Loads the presets' own native code now, so that what it lacks is told in one line. */
    private static void initialise(String preset) {
        try {
            Class.forName(preset);
        } catch (LinkageError | ClassNotFoundException e) {
            String why = String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
            throw new DeviceException(
                    "the Java presets of TensorRT do not load: "
                            + why.lines().findFirst().orElse("")
                            + "; they are built for TensorRT 10.15, CUDA 13.1 and linux-x86_64 with glibc",
                    e);
        }
    }

    /** Opens our library in the place of one of NVIDIA's that is missing. */
    static void openStub(String soname, String remedy) {
        try {
            NativeLibrary.openStub(soname);
        } catch (MissingLibraryException e) {
            throw new DeviceException(
                    "%s is missing, and no stand-in loads (%s); %s"
                            .formatted(soname, e.getMessage(), remedy),
                    e);
        }
    }

    /**
     * Frees an object of TensorRT that the caller owns; null is left alone. Without our native
     * library it stays, of which {@link #prepare} has warned.
     */
    static void free(Pointer object) {
        if (object == null || object.isNull()) {
            return;
        }
        try {
            NativeLibrary.get().delete(object.address());
        } catch (MissingLibraryException e) {
            LOG.debug("{} stays in memory", object.getClass().getSimpleName());
        }
        object.setNull();
    }

    /** The object, or an exception with what TensorRT logged when it gave none. */
    static <T extends Pointer> T made(T object, String what) {
        if (object == null || object.isNull()) {
            throw failure(what);
        }
        return object;
    }

    /** Throws when TensorRT refused. */
    static void check(boolean accepted, String what) {
        if (!accepted) {
            throw failure(what);
        }
    }

    static DeviceException failure(String what) {
        String said = TensorRtLog.takeError();
        return cuda.behind(
                what
                        + " failed"
                        + (said.isEmpty() ? "" : "; TensorRT says: " + said)
                        + CudaErrors.remedyOf(said));
    }
}
