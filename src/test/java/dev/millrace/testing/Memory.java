package dev.millrace.testing;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** The resident memory of this process, as Linux counts it. */
public final class Memory {
    private Memory() {}

    /** Resident bytes now. */
    public static long resident() throws IOException {
        return ProcessStatus.bytes("self", "VmRSS:");
    }

    /** The most resident bytes since {@link #resetPeak}. */
    public static long peak() throws IOException {
        return ProcessStatus.bytes("self", "VmHWM:");
    }

    public static void resetPeak() throws IOException {
        ProcessStatus.resetPeak("self");
    }

    /** Gives what native code has freed back to the system, so that what it takes next is seen. */
    @SuppressWarnings("restricted")
    public static void trim() {
        Linker linker = Linker.nativeLinker();
        try {
            int _ =
                    (int)
                            linker.downcallHandle(
                                            linker.defaultLookup().findOrThrow("malloc_trim"),
                                            FunctionDescriptor.of(
                                                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                                    .invokeExact(0L);
        } catch (Throwable e) {
            throw new IllegalStateException("malloc_trim failed", e);
        }
    }
}
