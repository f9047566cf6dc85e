package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** Calls of the stand-in of the CUDA runtime as they are, with nothing of ours between. */
@SuppressWarnings("restricted") // memory of the stand-in is seen
abstract class CudaRules {
    static final int TO_DEVICE = 1;
    static final int TO_HOST = 2;
    static final int UNTIMED = 2;
    static final int GLOBAL = 0;
    static final int THREAD_LOCAL = 1;
    static final int INVALID_VALUE = 1;
    static final int OUT_OF_MEMORY = 2;
    static final int INVALID_HANDLE = 400;
    static final int NOT_READY = 600;
    static final int ILLEGAL_ADDRESS = 700;

    /** A kernel takes so long that nobody overtakes it. */
    static final long SLOW_NS = 300_000_000L;

    /** Kernels as {@code nvcc} would name them; the stand-in looks at the first lines. */
    static final String PTX =
            """
            .version %s
            .target %s
            .address_size 64
            .visible .entry spin(.param .u64 nanoseconds) { ret; }
            .visible .entry fault() { ret; }
            """;

    final Arena arena = Arena.ofShared();
    StandIn standIn = new StandIn();

    @AfterEach
    void close() {
        arena.close();
    }

    final int call(String function, Object... arguments) {
        MemoryLayout[] types =
                Arrays.stream(arguments)
                        .map(
                                argument ->
                                        switch (argument) {
                                            case Integer _ -> JAVA_INT;
                                            case Long _ -> JAVA_LONG;
                                            default -> ADDRESS;
                                        })
                        .toArray(MemoryLayout[]::new);
        try {
            return (int)
                    standIn.runtime()
                            .bind(function, FunctionDescriptor.of(JAVA_INT, types))
                            .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    final long make(String function, Object... arguments) {
        MemorySegment made = arena.allocate(JAVA_LONG);
        Object[] all = new Object[arguments.length + 1];
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[0] = made;
        assertEquals(0, call(function, all), function);
        return made.get(JAVA_LONG, 0);
    }

    final long stream() {
        return make("cudaStreamCreateWithFlags", 1);
    }

    final long onDevice(long bytes) {
        return make("cudaMalloc", bytes);
    }

    final long onHost(long bytes) {
        return make("cudaHostAlloc", bytes, 1);
    }

    final long kernel(String name) {
        MemorySegment code = arena.allocateFrom(PTX.formatted("8.0", "sm_75"));
        MemorySegment none = MemorySegment.NULL;
        long library = make("cudaLibraryLoadData", code, none, none, 0, none, none, 0);
        return make("cudaLibraryGetKernel", library, arena.allocateFrom(name));
    }

    final int launch(long kernel, long stream, long nanos) {
        MemorySegment config = arena.allocate(56, 8);
        for (int i = 0; i < 6; i++) {
            config.setAtIndex(JAVA_INT, i, 1);
        }
        config.set(JAVA_LONG, 32, stream);
        MemorySegment arguments = arena.allocateFrom(ADDRESS, arena.allocateFrom(JAVA_LONG, nanos));
        return call("cudaLaunchKernelExC", config, kernel, arguments);
    }

    final long freeBytes() {
        MemorySegment free = arena.allocate(JAVA_LONG);
        assertEquals(0, call("cudaMemGetInfo", free, arena.allocate(JAVA_LONG)));
        return free.get(JAVA_LONG, 0);
    }

    final int onAnotherThread(String function, Object... arguments) {
        AtomicInteger code = new AtomicInteger();
        try {
            Thread.ofPlatform().start(() -> code.set(call(function, arguments))).join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return code.get();
    }
}
