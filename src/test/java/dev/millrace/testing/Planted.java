package dev.millrace.testing;

import dev.millrace.faults.Undefended;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** A check, run in this process on the worker's classes with a defect planted in them. */
public final class Planted {
    private Planted() {}

    /**
     * What the check says to this seed.
     *
     * @param check a class with a constructor without parameters; it and all that it uses is loaded
     *     anew
     * @param folder empty
     */
    public static String says(
            Class<? extends LongFunction<String>> check,
            long seed,
            Path folder,
            Undefended.Change... defect)
            throws IOException, ReflectiveOperationException {
        List<URL> urls = new ArrayList<>();
        urls.add(Undefended.changed(folder, List.of(defect)).toUri().toURL());
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), platform)) {
            Object anew = loader.loadClass(check.getName()).getConstructor().newInstance();
            return (String) LongFunction.class.cast(anew).apply(seed);
        }
    }
}
