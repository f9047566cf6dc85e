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
        Path caches = shared.isBlank() ? home(home).resolve(".cache") : Path.of(shared);
        return caches.resolve("millrace");
    }

    /**
     * The home folder; for a user without one, whose {@code user.home} is a question mark, a folder
     * that cannot be written to, so that whoever needs it says what to set instead.
     */
    public static Path home(String named) {
        Path home = Path.of(named);
        return home.isAbsolute() ? home : Path.of("/nonexistent");
    }
}
