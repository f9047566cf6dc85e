package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Work of a CUDA stream that sleeps on the host: a kernel of known length that needs no code. */
@SuppressWarnings("restricted") // native access is what this is for
final class HostFunction {
    private final MethodHandle launch;
    private final MemorySegment sleep;

    HostFunction(DynamicLibrary runtime) {
        try {
            launch =
                    runtime.bind(
                            "cudaLaunchHostFunc",
                            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG));
            sleep =
                    Linker.nativeLinker()
                            .upcallStub(
                                    MethodHandles.lookup()
                                            .findStatic(
                                                    HostFunction.class,
                                                    "sleep",
                                                    MethodType.methodType(void.class, long.class)),
                                    FunctionDescriptor.ofVoid(JAVA_LONG),
                                    Arena.global());
        } catch (ReflectiveOperationException | MissingLibraryException e) {
            throw new AssertionError(e);
        }
    }

    private static void sleep(long nanos) {
        long untilNs = System.nanoTime() + nanos;
        long leftNs;
        while ((leftNs = untilNs - System.nanoTime()) > 0) {
            LockSupport.parkNanos(leftNs);
        }
    }

    void occupy(CudaStream stream, Duration time) {
        occupy(stream.handle(), time);
    }

    /** The stream of whatever names none, which those of ours do not wait for. */
    void occupyDefaultStream(Duration time) {
        occupy(0, time);
    }

    private void occupy(long stream, Duration time) {
        try {
            int code = (int) launch.invokeExact(stream, sleep, time.toNanos());
            assertEquals(0, code, "cudaLaunchHostFunc");
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
