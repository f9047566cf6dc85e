package dev.millrace.nativelib;

import java.nio.file.Path;
import java.util.Map;

/** Where this user keeps what can be made again: prepared models, plans, unpacked libraries. */
public final class CacheFolder {
    private CacheFolder() {}

    /**
     * {@code $MILLRACE_CACHE}, else {@code $XDG_CACHE_HOME/millrace}, else {@code
     * ~/.cache/millrace}.
     */
    public static Path of(Map<String, String> environment, String home) {
        String own = environment.getOrDefault("MILLRACE_CACHE", "");
        if (!own.isBlank()) {
            return Path.of(own);
        }
        String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = shared.isBlank() ? Path.of(home, ".cache") : Path.of(shared);
        return caches.resolve("millrace");
    }
}
