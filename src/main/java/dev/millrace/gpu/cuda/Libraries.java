package dev.millrace.gpu.cuda;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where NVIDIA's libraries are looked for: the folders that were named, in order, then the loader's
 * own.
 *
 * @param loader whether the loader's own folders count
 */
record Libraries(List<Path> folders, boolean loader) {
    static final String PROPERTY = "millrace.gpu.libs";
    static final String VARIABLE = "MILLRACE_GPU_LIBS";

    Libraries {
        folders = List.copyOf(folders);
    }

    /** The folders of {@code millrace.gpu.libs}, or else of {@code MILLRACE_GPU_LIBS}. */
    static Libraries fromEnvironment() {
        String named = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
        Stream<String> folders = Stream.of(named.split(":")).filter(path -> !path.isBlank());
        return new Libraries(folders.map(Path::of).toList(), true);
    }

    /** The same, with {@code folder} before all others. */
    Libraries first(Path folder) {
        return new Libraries(Stream.concat(Stream.of(folder), folders.stream()).toList(), loader);
    }

    /**
     * Opens the library of a SONAME. Throws {@link MissingLibraryException} where there is none, or
     * none that loads.
     */
    DynamicLibrary open(String soname) throws MissingLibraryException {
        Optional<Path> file = find(soname, folders);
        if (file.isPresent()) {
            return DynamicLibrary.open(file.get().toAbsolutePath().toString());
        }
        if (!loader) {
            throw new MissingLibraryException(soname + " was not found in any of " + folders);
        }
        return DynamicLibrary.open(soname);
    }

    /** Whether {@link #open} opens it, which this does. */
    boolean has(String soname) {
        try {
            open(soname);
            return true;
        } catch (MissingLibraryException e) {
            return false;
        }
    }

    /** The first file of a name in {@code folders}. */
    static Optional<Path> find(String name, List<Path> folders) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
