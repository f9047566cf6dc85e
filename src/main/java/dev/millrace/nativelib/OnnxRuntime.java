package dev.millrace.nativelib;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * ONNX Runtime, loaded from {@link NativeFolder}. By itself it unpacks 22 MB into the temporary
 * folder at each start, and leaves them there when the process is killed. Used by any thread.
 */
public final class OnnxRuntime {
    private static final String FOLDER_PROPERTY = "onnxruntime.native.path";
    private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");

    private static OrtEnvironment opened;

    private OnnxRuntime() {}

    /** Throws {@link UnloadableLibraryException}, one line, where it cannot be loaded. */
    public static synchronized OrtEnvironment environment() {
        if (opened == null) {
            if (!isPlacedByHand()) {
                place();
            }
            try {
                opened = OrtEnvironment.getEnvironment();
            } catch (LinkageError | IllegalStateException e) {
                throw UnloadableLibraryException.of(
                        "ONNX Runtime",
                        e,
                        "this build is for linux-x86_64 with glibc, and "
                                + System.getProperty("java.io.tmpdir")
                                + " must be writable");
            }
        }
        return opened;
    }

    private static boolean isPlacedByHand() {
        return System.getProperty(FOLDER_PROPERTY) != null
                || LIBRARIES.stream()
                        .anyMatch(
                                library ->
                                        System.getProperty(
                                                        "onnxruntime.native." + library + ".path")
                                                != null);
    }

    private static void place() {
        List<URL> sources = new ArrayList<>();
        for (String library : LIBRARIES) {
            String machine =
                    System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64")
                            ? "linux-aarch64"
                            : "linux-x64";
            URL source =
                    OrtEnvironment.class.getResource(
                            "/ai/onnxruntime/native/" + machine + "/lib" + library + ".so");
            if (source == null) {
                return;
            }
            sources.add(source);
        }
        Path folder = NativeFolder.get();
        try {
            System.setProperty(
                    FOLDER_PROPERTY, new Unpacked(folder, "onnxruntime").all(sources).toString());
        } catch (IOException e) {
            throw new UnloadableLibraryException(
                    "ONNX Runtime: its native library cannot be unpacked into "
                            + folder
                            + " ("
                            + FolderTrial.reason(e)
                            + "); make room there, or name another folder in "
                            + NativeFolder.VARIABLE);
        }
    }
}
