package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;

/** Sends signals that {@link Process} has no method for. Used by any thread. */
public final class ProcessSignal {
    private static final int USR1 = 10;

    private ProcessSignal() {}

    /** Sends SIGUSR1; a process that has ended is left alone. */
    @SuppressWarnings("restricted") // native access is what this is for
    public static void usr1(Process process) {
        if (!process.isAlive()) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        try {
            int _ =
                    (int)
                            linker.downcallHandle(
                                            linker.defaultLookup().findOrThrow("kill"),
                                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT))
                                    .invokeExact((int) process.pid(), USR1);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("kill", e);
        }
    }
}
