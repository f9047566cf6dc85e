package dev.millrace.nativelib;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.io.IOException;
import java.net.URL;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

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
            Set<Path> before = temporaryFolders();
            try {
                opened = OrtEnvironment.getEnvironment();
                removeEmpty(before);
            } catch (LinkageError | IllegalStateException e) {
                throw UnloadableLibraryException.of(
                        "ONNX Runtime",
                        e,
                        "this build is for linux-x86_64 with glibc, and %s must be writable"
                                .formatted(System.getProperty("java.io.tmpdir")));
            }
        }
        return opened;
    }

    /** For graphs of users: of what is odd about them, errors say enough. */
    public static OrtSession.SessionOptions options(OptLevel level) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        options.setOptimizationLevel(level);
        return options;
    }

    private static Set<Path> temporaryFolders() {
        Set<Path> found = new HashSet<>();
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> folders =
                Files.newDirectoryStream(parent, "onnxruntime-java*")) {
            folders.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            // What cannot be listed cannot be removed either.
        }
        return found;
    }

    /** It makes a folder even where nothing is unpacked, which stays when the process is killed. */
    private static void removeEmpty(Set<Path> before) {
        Set<Path> made = temporaryFolders();
        made.removeAll(before);
        if (made.size() != 1) {
            // Another program has made one meanwhile, and is about to unpack into it.
            return;
        }
        try {
            Files.delete(made.iterator().next());
        } catch (IOException e) {
            // An empty folder takes no room.
        }
    }

    private static boolean isPlacedByHand() {
        return System.getProperty(FOLDER_PROPERTY) != null
                || LIBRARIES.stream()
                        .map(library -> "onnxruntime.native." + library + ".path")
                        .anyMatch(property -> System.getProperty(property) != null);
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
                    "ONNX Runtime: its native library cannot be unpacked into %s (%s); make room there, or name another folder in %s"
                            .formatted(folder, FolderTrial.reason(e), NativeFolder.VARIABLE));
        }
    }
}
