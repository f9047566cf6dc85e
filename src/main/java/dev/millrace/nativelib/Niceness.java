package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** How willing a thread is to let others have its core. */
public final class Niceness {
    private Niceness() {}

    /**
     * Adds to that of the calling platform thread, for good: without privileges it cannot be
     * lowered again. Does nothing where it would be that of the whole process, which is everywhere
     * but on Linux.
     *
     * @param nice 0 to 19; a thread with 19 takes what nobody else wants
     */
    @SuppressWarnings("restricted")
    public static void add(int nice) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("nice");
        if (function.isEmpty() || !System.getProperty("os.name").equals("Linux")) {
            return;
        }
        FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
        try {
            int _ = (int) linker.downcallHandle(function.get(), type).invokeExact(nice);
        } catch (Throwable e) {
            throw new IllegalStateException("nice failed", e);
        }
    }
}
