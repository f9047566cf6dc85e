package dev.millrace.preprocess;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.NativeFolder;
import dev.millrace.nativelib.UnloadableLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import org.bytedeco.opencv.global.opencv_core;

/** The OpenCV library, loaded with the settings that the worker needs. */
final class OpenCv {
    static {
        // It reads its log level once, while it is loaded, and has no other switch. A broken image
        // is the sender's, so what OpenCV would print about it is not the operator's.
        setEnvironment("OPENCV_LOG_LEVEL", "SILENT");
        NativeFolder.useForJavaCpp();
        // Each preprocess thread is one thread; OpenCV's own pool would fight over the same cores.
        try {
            opencv_core.setNumThreads(0);
        } catch (LinkageError e) {
            throw UnloadableLibraryException.of(
                    "OpenCV", e, "this build is for linux-x86_64 with glibc");
        }
    }

    private OpenCv() {}

    /**
     * Loads the library, once; every class that touches it calls this first. Throws {@link
     * dev.millrace.nativelib.UnloadableLibraryException} with one line.
     */
    static void load() {
        // The initialiser above has done it.
    }

    /** Sets a variable of this process for native code, unless the operator has set it. */
    private static void setEnvironment(String name, String value) {
        MethodHandle setenv =
                DynamicLibrary.standard(
                        "setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int _ =
                    (int)
                            setenv.invokeExact(
                                    arena.allocateFrom(name), arena.allocateFrom(value), 0);
        } catch (Throwable e) {
            throw new IllegalStateException("setenv failed", e);
        }
    }
}
