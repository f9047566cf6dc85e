package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Sends signals that {@link Process} has no method for. Used by any thread. */
public final class ProcessSignal {
    private static final int USR1 = 10;

    private ProcessSignal() {}

    /** Sends SIGUSR1; a process that has ended is left alone. */
    public static void usr1(Process process) {
        if (!process.isAlive()) {
            return;
        }
        MethodHandle kill =
                DynamicLibrary.standard(
                        "kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        try {
            int _ = (int) kill.invokeExact((int) process.pid(), USR1);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("kill", e);
        }
    }
}
