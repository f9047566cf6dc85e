package dev.millrace.nativelib;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The folder that native libraries are unpacked into and loaded from, one for the whole process:
 * the first that can be written, has room and may hold code. What is unpacked there stays for the
 * next start, so that a process that dies again and again fills no disk. Used by any thread.
 */
public final class NativeFolder {
    /** Names the folder; no other is then tried. */
    public static final String VARIABLE = "MILLRACE_NATIVE_FOLDER";

    /** The same as a property, for processes that get no variables. */
    public static final String PROPERTY = "millrace.native.folder";

    private static final String NAME = "native";

    private static Optional<Path> configured = Optional.empty();
    private static Path chosen;

    private NativeFolder() {}

    /** Adds the configuration's cache to the folders that are tried, before the first use. */
    public static synchronized void alsoTry(Path cache) {
        configured = Optional.of(cache);
    }

    /**
     * The folder. Throws {@link UnloadableLibraryException} with one line where none will do; asked
     * again, it tries again.
     */
    public static synchronized Path get() {
        if (chosen == null) {
            String named = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
            chosen =
                    choose(
                            named.isBlank()
                                    ? candidates(
                                            System.getenv(),
                                            System.getProperty("user.home"),
                                            System.getProperty("java.io.tmpdir"),
                                            FolderTrial.user(),
                                            configured)
                                    : List.of(Path.of(named.strip())));
        }
        return chosen;
    }

    /** Lets JavaCPP, with OpenCV and TensorRT's presets, unpack here, unless it was told where. */
    public static void useForJavaCpp() {
        String property = "org.bytedeco.javacpp.cachedir";
        if (System.getProperty(property) == null) {
            System.setProperty(property, get().resolve("javacpp").toString());
        }
    }

    /**
     * @param user whose number tells folders apart that all users share
     */
    static List<Path> candidates(
            Map<String, String> environment,
            String home,
            String temporary,
            int user,
            Optional<Path> configured) {
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(CacheFolder.of(environment, home).resolve(NAME));
        configured.ifPresent(cache -> folders.add(cache.resolve(NAME)));
        folders.add(Path.of(temporary).resolve("millrace-native-" + user));
        folders.add(CacheFolder.of(Map.of(), home).resolve(NAME));
        folders.add(Path.of("/var/tmp").resolve("millrace-native-" + user));
        return List.copyOf(folders);
    }

    static Path choose(List<Path> folders) {
        List<String> complaints = new ArrayList<>();
        for (Path folder : folders) {
            Path absolute = folder.toAbsolutePath();
            Optional<String> complaint = FolderTrial.complaint(absolute);
            if (complaint.isEmpty()) {
                return absolute;
            }
            complaints.add(absolute + " " + complaint.get());
        }
        throw new UnloadableLibraryException(
                "native libraries cannot be unpacked: %s; free space there, mount one of these folders without noexec, or name another folder in %s"
                        .formatted(String.join(", ", complaints), VARIABLE));
    }
}
