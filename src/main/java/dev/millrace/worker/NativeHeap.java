package dev.millrace.worker;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** The heap of native code. */
final class NativeHeap {
    private NativeHeap() {}

    /**
     * Gives what is free back to the system. The allocator keeps it otherwise, and the memory of a
     * replaced model would look like a leak. Does nothing where the C library is not glibc.
     */
    @SuppressWarnings("restricted")
    static void trim() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("malloc_trim");
        if (function.isEmpty()) {
            return;
        }
        try {
            FunctionDescriptor type =
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
            int _ = (int) linker.downcallHandle(function.get(), type).invokeExact(0L);
        } catch (Throwable e) {
            throw new IllegalStateException("malloc_trim failed", e);
        }
    }
}
