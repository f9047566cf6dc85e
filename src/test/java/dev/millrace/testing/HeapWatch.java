package dev.millrace.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Counts what a thread allocates natively, in a child into which {@code heap_watch.cpp} was
 * preloaded.
 */
public final class HeapWatch {
    private static final Path LIBRARY =
            Path.of(System.getProperty("millrace.fakes", "target/native"), "libheap_watch.so")
                    .toAbsolutePath();

    private final MethodHandle begin;
    private final MethodHandle end;

    /**
     * In the child.
     *
     * @param library what {@link #library} said in its parent
     */
    @SuppressWarnings("restricted")
    public HeapWatch(Path library) {
        // It is loaded already, so this is the one that malloc goes to.
        SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
        Linker linker = Linker.nativeLinker();
        begin =
                linker.downcallHandle(
                        symbols.findOrThrow("heap_watch_begin"), FunctionDescriptor.ofVoid());
        end =
                linker.downcallHandle(
                        symbols.findOrThrow("heap_watch_end"),
                        FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    }

    /** Whether the build had a C++ compiler. */
    public static boolean isThere() {
        return Files.exists(LIBRARY);
    }

    public static Path library() {
        return LIBRARY;
    }

    /** What preloads it. */
    public static Map<String, String> environment() {
        return Map.of("LD_PRELOAD", LIBRARY.toString());
    }

    /** From here on the current thread's allocations count. */
    public void begin() {
        try {
            begin.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException("heap_watch_begin failed", e);
        }
    }

    /** The most bytes at once that it had since then, without those that it had before. */
    public long end() {
        try {
            return (long) end.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException("heap_watch_end failed", e);
        }
    }
}
