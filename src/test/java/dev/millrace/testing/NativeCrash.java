package dev.millrace.testing;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Ends the process as broken native code does: SIGSEGV, in C, on the calling thread. */
public final class NativeCrash {
    private NativeCrash() {}

    @SuppressWarnings("restricted")
    public static void now() {
        Linker linker = Linker.nativeLinker();
        try {
            linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("strlen"),
                            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS))
                    .invoke(MemorySegment.NULL);
        } catch (Throwable e) {
            throw new AssertionError("strlen of nothing must crash", e);
        }
    }
}
