package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** How willing a thread is to let others have its core. */
public final class Niceness {
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    private Niceness() {}

    /**
     * Sets that of the calling platform thread, for good: without privileges it cannot be lowered
     * again. Does nothing where it would be that of the whole process, which is everywhere but on
     * Linux.
     *
     * @param nice 0, as threads begin, to 19, for one that takes what nobody else wants
     */
    @SuppressWarnings("restricted")
    public static void set(int nice) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("setpriority");
        if (function.isEmpty() || !System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try {
            int _ =
                    (int)
                            linker.downcallHandle(
                                            function.get(),
                                            FunctionDescriptor.of(
                                                    JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT))
                                    .invokeExact(PRIO_PROCESS, CALLING_THREAD, nice);
        } catch (Throwable e) {
            throw new IllegalStateException("setpriority failed", e);
        }
    }
}
