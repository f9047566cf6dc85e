package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The CUDA runtime, as far as it is used: each function bound once, each call checked, its name in
 * the error. Handles and addresses are plain numbers, so a batch allocates nothing and takes no
 * lock; a {@code Pointer} of the presets would go through their global registry. Used by any
 * thread, after {@link #setDevice} on that thread. It is long because an exact call needs the types
 * of its function on the spot.
 */
final class Cuda {
    static final String LIBRARY = "libcudart.so.13";

    static final int HOST_TO_DEVICE = 1;
    static final int DEVICE_TO_HOST = 2;

    /** Of events that are waited for without spinning. */
    static final int EVENT_BLOCKING_SYNC = 1;

    static final int EVENT_DISABLE_TIMING = 2;
    static final int SCHEDULE_SPIN = 1;
    static final int SCHEDULE_BLOCKING_SYNC = 4;

    private static final int SUCCESS = 0;
    private static final int NOT_READY = 600;
    private static final int STREAM_NON_BLOCKING = 1;
    private static final int HOST_ALLOC_PORTABLE = 1;
    private static final int CAPTURE_THREAD_LOCAL = 1;
    private static final int BUS_ID_BYTES = 32;

    private final MethodHandle setDevice;
    private final MethodHandle setDeviceFlags;
    private final MethodHandle getLastError;
    private final MethodHandle getErrorName;
    private final MethodHandle getErrorString;
    private final MethodHandle deviceGetPciBusId;
    private final MethodHandle memGetInfo;
    private final MethodHandle hostAlloc;
    private final MethodHandle freeHost;
    private final MethodHandle malloc;
    private final MethodHandle free;
    private final MethodHandle memset;
    private final MethodHandle memcpyAsync;
    private final MethodHandle streamCreate;
    private final MethodHandle streamSynchronize;
    private final MethodHandle streamDestroy;
    private final MethodHandle eventCreate;
    private final MethodHandle eventRecord;
    private final MethodHandle eventQuery;
    private final MethodHandle eventSynchronize;
    private final MethodHandle eventDestroy;
    private final MethodHandle streamBeginCapture;
    private final MethodHandle streamEndCapture;
    private final MethodHandle graphInstantiate;
    private final MethodHandle graphLaunch;
    private final MethodHandle graphDestroy;
    private final MethodHandle graphExecDestroy;

    Cuda(DynamicLibrary library) throws MissingLibraryException {
        setDevice = bind(library, "cudaSetDevice", JAVA_INT);
        setDeviceFlags = bind(library, "cudaSetDeviceFlags", JAVA_INT);
        getLastError = bind(library, "cudaGetLastError");
        getErrorName = library.bind("cudaGetErrorName", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        getErrorString =
                library.bind("cudaGetErrorString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        deviceGetPciBusId = bind(library, "cudaDeviceGetPCIBusId", ADDRESS, JAVA_INT, JAVA_INT);
        memGetInfo = bind(library, "cudaMemGetInfo", ADDRESS, ADDRESS);
        hostAlloc = bind(library, "cudaHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
        freeHost = bind(library, "cudaFreeHost", JAVA_LONG);
        malloc = bind(library, "cudaMalloc", ADDRESS, JAVA_LONG);
        free = bind(library, "cudaFree", JAVA_LONG);
        memset = bind(library, "cudaMemset", JAVA_LONG, JAVA_INT, JAVA_LONG);
        memcpyAsync =
                bind(
                        library,
                        "cudaMemcpyAsync",
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_LONG,
                        JAVA_INT,
                        JAVA_LONG);
        streamCreate = bind(library, "cudaStreamCreateWithFlags", ADDRESS, JAVA_INT);
        streamSynchronize = bind(library, "cudaStreamSynchronize", JAVA_LONG);
        streamDestroy = bind(library, "cudaStreamDestroy", JAVA_LONG);
        eventCreate = bind(library, "cudaEventCreateWithFlags", ADDRESS, JAVA_INT);
        eventRecord = bind(library, "cudaEventRecord", JAVA_LONG, JAVA_LONG);
        eventQuery = bind(library, "cudaEventQuery", JAVA_LONG);
        eventSynchronize = bind(library, "cudaEventSynchronize", JAVA_LONG);
        eventDestroy = bind(library, "cudaEventDestroy", JAVA_LONG);
        streamBeginCapture = bind(library, "cudaStreamBeginCapture", JAVA_LONG, JAVA_INT);
        streamEndCapture = bind(library, "cudaStreamEndCapture", JAVA_LONG, ADDRESS);
        graphInstantiate =
                bind(library, "cudaGraphInstantiateWithFlags", ADDRESS, JAVA_LONG, JAVA_LONG);
        graphLaunch = bind(library, "cudaGraphLaunch", JAVA_LONG, JAVA_LONG);
        graphDestroy = bind(library, "cudaGraphDestroy", JAVA_LONG);
        graphExecDestroy = bind(library, "cudaGraphExecDestroy", JAVA_LONG);
    }

    /** A pointer or handle that only CUDA looks behind travels as a number of its size. */
    private static MethodHandle bind(
            DynamicLibrary library, String function, MemoryLayout... parameters)
            throws MissingLibraryException {
        return library.bind(function, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** Throws for a code that is not success; says whether the device is lost with it. */
    void check(int code, String call) {
        if (code == SUCCESS) {
            return;
        }
        try {
            // An error that does not stick would otherwise show up again at another call.
            int ignored = (int) getLastError.invokeExact();
            throw new DeviceException(
                    call
                            + " failed: "
                            + DynamicLibrary.text((MemorySegment) getErrorName.invokeExact(code))
                            + " ("
                            + code
                            + ", "
                            + DynamicLibrary.text((MemorySegment) getErrorString.invokeExact(code))
                            + ")"
                            + CudaErrors.remedy(code),
                    CudaErrors.sticky(code));
        } catch (DeviceException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGetErrorName", e);
        }
    }

    /** For the calling thread. */
    void setDevice(int index) {
        try {
            check((int) setDevice.invokeExact(index), "cudaSetDevice");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaSetDevice", e);
        }
    }

    /** How threads wait for the current device. */
    void setDeviceFlags(int flags) {
        try {
            check((int) setDeviceFlags.invokeExact(flags), "cudaSetDeviceFlags");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaSetDeviceFlags", e);
        }
    }

    long hostAlloc(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            check((int) hostAlloc.invokeExact(result, bytes, HOST_ALLOC_PORTABLE), "cudaHostAlloc");
            return result.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaHostAlloc", e);
        }
    }

    void freeHost(long address) {
        try {
            check((int) freeHost.invokeExact(address), "cudaFreeHost");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaFreeHost", e);
        }
    }

    long malloc(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            check((int) malloc.invokeExact(result, bytes), "cudaMalloc");
            return result.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaMalloc", e);
        }
    }

    void free(long address) {
        try {
            check((int) free.invokeExact(address), "cudaFree");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaFree", e);
        }
    }

    void memset(long address, int value, long bytes) {
        try {
            check((int) memset.invokeExact(address, value, bytes), "cudaMemset");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaMemset", e);
        }
    }

    void memcpyAsync(long to, long from, long bytes, int kind, long stream) {
        try {
            check((int) memcpyAsync.invokeExact(to, from, bytes, kind, stream), "cudaMemcpyAsync");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaMemcpyAsync", e);
        }
    }

    /** A stream that does not wait for the default one. */
    long streamCreate() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            check(
                    (int) streamCreate.invokeExact(result, STREAM_NON_BLOCKING),
                    "cudaStreamCreateWithFlags");
            return result.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaStreamCreateWithFlags", e);
        }
    }

    void streamSynchronize(long stream) {
        try {
            check((int) streamSynchronize.invokeExact(stream), "cudaStreamSynchronize");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaStreamSynchronize", e);
        }
    }

    void streamDestroy(long stream) {
        try {
            check((int) streamDestroy.invokeExact(stream), "cudaStreamDestroy");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaStreamDestroy", e);
        }
    }

    long eventCreate(int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            check((int) eventCreate.invokeExact(result, flags), "cudaEventCreateWithFlags");
            return result.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaEventCreateWithFlags", e);
        }
    }

    void eventRecord(long event, long stream) {
        try {
            check((int) eventRecord.invokeExact(event, stream), "cudaEventRecord");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaEventRecord", e);
        }
    }

    /** Whether the event has completed. */
    boolean eventQuery(long event) {
        try {
            int code = (int) eventQuery.invokeExact(event);
            if (code == NOT_READY) {
                return false;
            }
            check(code, "cudaEventQuery");
            return true;
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaEventQuery", e);
        }
    }

    void eventSynchronize(long event) {
        try {
            check((int) eventSynchronize.invokeExact(event), "cudaEventSynchronize");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaEventSynchronize", e);
        }
    }

    void eventDestroy(long event) {
        try {
            check((int) eventDestroy.invokeExact(event), "cudaEventDestroy");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaEventDestroy", e);
        }
    }

    /** What this thread gives the stream is from now on recorded, not executed. */
    void streamBeginCapture(long stream) {
        try {
            check(
                    (int) streamBeginCapture.invokeExact(stream, CAPTURE_THREAD_LOCAL),
                    "cudaStreamBeginCapture");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaStreamBeginCapture", e);
        }
    }

    /** The graph of what was recorded. */
    long streamEndCapture(long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            check((int) streamEndCapture.invokeExact(stream, result), "cudaStreamEndCapture");
            return result.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaStreamEndCapture", e);
        }
    }

    /** The graph, ready to be launched. */
    long graphInstantiate(long graph) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            check(
                    (int) graphInstantiate.invokeExact(result, graph, 0L),
                    "cudaGraphInstantiateWithFlags");
            return result.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGraphInstantiateWithFlags", e);
        }
    }

    void graphLaunch(long executable, long stream) {
        try {
            check((int) graphLaunch.invokeExact(executable, stream), "cudaGraphLaunch");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGraphLaunch", e);
        }
    }

    void graphDestroy(long graph) {
        try {
            check((int) graphDestroy.invokeExact(graph), "cudaGraphDestroy");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGraphDestroy", e);
        }
    }

    void graphExecDestroy(long executable) {
        try {
            check((int) graphExecDestroy.invokeExact(executable), "cudaGraphExecDestroy");
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGraphExecDestroy", e);
        }
    }

    /** Free bytes of the current device. */
    long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            MemorySegment total = arena.allocate(JAVA_LONG);
            check((int) memGetInfo.invokeExact(free, total), "cudaMemGetInfo");
            return free.get(JAVA_LONG, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaMemGetInfo", e);
        }
    }

    /**
     * Where the device sits, such as {@code 0000:00:1E.0}: NVML counts devices in its own order.
     */
    String pciBusId(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bus = arena.allocate(BUS_ID_BYTES);
            check(
                    (int) deviceGetPciBusId.invokeExact(bus, BUS_ID_BYTES, index),
                    "cudaDeviceGetPCIBusId");
            return bus.getString(0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaDeviceGetPCIBusId", e);
        }
    }
}
