package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * The CUDA runtime, as far as it is used: a table of its functions, and a method where a call takes
 * more than handles and addresses. These are plain numbers, so a batch allocates nothing and takes
 * no lock; a {@code Pointer} of the presets would go through their global registry. Used by any
 * thread, after {@link #setDevice} on that thread.
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

    private static final int NOT_READY = 600;
    private static final int STREAM_NON_BLOCKING = 1;
    private static final int HOST_ALLOC_PORTABLE = 1;
    private static final int CAPTURE_THREAD_LOCAL = 1;
    private static final int BUS_ID_BYTES = 32;

    /** Of the calling thread. */
    final CudaCall setDevice;

    /** How threads wait for the current device. */
    final CudaCall setDeviceFlags;

    final CudaCall freeHost;
    final CudaCall malloc;
    final CudaCall free;

    /** An address, a value, the number of bytes and a stream. */
    final CudaCall memsetAsync;

    /** To, from, the number of bytes, their direction and a stream. */
    final CudaCall memcpyAsync;

    final CudaCall streamSynchronize;
    final CudaCall streamDestroy;
    final CudaCall eventCreate;

    /** An event and a stream. */
    final CudaCall eventRecord;

    final CudaCall eventSynchronize;

    /** The address of a float, for milliseconds, and two events. */
    final CudaCall eventElapsedTime;

    final CudaCall eventDestroy;

    /** The graph of what was recorded in a stream. */
    final CudaCall streamEndCapture;

    /** An executable graph and a stream. */
    final CudaCall graphUpload;

    /** The same. */
    final CudaCall graphLaunch;

    final CudaCall graphDestroy;
    final CudaCall graphExecDestroy;

    private final Functions functions;
    private final CudaCall deviceGetPciBusId;
    private final CudaCall memGetInfo;
    private final CudaCall hostAlloc;
    private final CudaCall streamCreate;
    private final CudaCall eventQuery;
    private final CudaCall streamBeginCapture;
    private final CudaCall graphInstantiate;

    /** A function of the runtime by its name without {@code cuda}. */
    private interface Functions {
        CudaCall bind(String name, MemoryLayout... parameters) throws MissingLibraryException;
    }

    Cuda(DynamicLibrary library) throws MissingLibraryException {
        CudaErrors errors = new CudaErrors(library);
        // A pointer or handle that only CUDA looks behind travels as a number of its size.
        Functions cuda =
                (name, parameters) -> new CudaCall(library, errors, "cuda" + name, parameters);
        functions = cuda;
        setDevice = cuda.bind("SetDevice", JAVA_INT);
        setDeviceFlags = cuda.bind("SetDeviceFlags", JAVA_INT);
        deviceGetPciBusId = cuda.bind("DeviceGetPCIBusId", ADDRESS, JAVA_INT, JAVA_INT);
        memGetInfo = cuda.bind("MemGetInfo", ADDRESS, ADDRESS);
        hostAlloc = cuda.bind("HostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
        freeHost = cuda.bind("FreeHost", JAVA_LONG);
        malloc = cuda.bind("Malloc", ADDRESS, JAVA_LONG);
        free = cuda.bind("Free", JAVA_LONG);
        memsetAsync = cuda.bind("MemsetAsync", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
        memcpyAsync =
                cuda.bind("MemcpyAsync", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
        streamCreate = cuda.bind("StreamCreateWithFlags", ADDRESS, JAVA_INT);
        streamSynchronize = cuda.bind("StreamSynchronize", JAVA_LONG);
        streamDestroy = cuda.bind("StreamDestroy", JAVA_LONG);
        eventCreate = cuda.bind("EventCreateWithFlags", ADDRESS, JAVA_INT);
        eventRecord = cuda.bind("EventRecord", JAVA_LONG, JAVA_LONG);
        eventQuery = cuda.bind("EventQuery", JAVA_LONG);
        eventSynchronize = cuda.bind("EventSynchronize", JAVA_LONG);
        eventElapsedTime = cuda.bind("EventElapsedTime", JAVA_LONG, JAVA_LONG, JAVA_LONG);
        eventDestroy = cuda.bind("EventDestroy", JAVA_LONG);
        streamBeginCapture = cuda.bind("StreamBeginCapture", JAVA_LONG, JAVA_INT);
        streamEndCapture = cuda.bind("StreamEndCapture", JAVA_LONG, ADDRESS);
        graphInstantiate = cuda.bind("GraphInstantiateWithFlags", ADDRESS, JAVA_LONG, JAVA_LONG);
        graphUpload = cuda.bind("GraphUpload", JAVA_LONG, JAVA_LONG);
        graphLaunch = cuda.bind("GraphLaunch", JAVA_LONG, JAVA_LONG);
        graphDestroy = cuda.bind("GraphDestroy", JAVA_LONG);
        graphExecDestroy = cuda.bind("GraphExecDestroy", JAVA_LONG);
    }

    /** A function that only experiments call, by its name without {@code cuda}. */
    CudaCall bind(String name, MemoryLayout... parameters) throws MissingLibraryException {
        return functions.bind(name, parameters);
    }

    long hostAlloc(long bytes) {
        return hostAlloc.make(bytes, HOST_ALLOC_PORTABLE);
    }

    /** A stream that does not wait for the default one. */
    long streamCreate() {
        return streamCreate.make(STREAM_NON_BLOCKING);
    }

    /** Whether the event has completed. */
    boolean eventQuery(long event) {
        return eventQuery.callUnless(NOT_READY, event);
    }

    /** What this thread gives the stream is from now on recorded, not executed. */
    void streamBeginCapture(long stream) {
        streamBeginCapture.callBoxed(stream, CAPTURE_THREAD_LOCAL);
    }

    /** The graph, ready to be launched. */
    long graphInstantiate(long graph) {
        return graphInstantiate.make(graph, 0L);
    }

    /** Free bytes of the current device. */
    long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            memGetInfo.callBoxed(free, arena.allocate(JAVA_LONG));
            return free.get(JAVA_LONG, 0);
        }
    }

    /**
     * Where the device sits, such as {@code 0000:00:1E.0}: NVML counts devices in its own order.
     */
    String pciBusId(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bus = arena.allocate(BUS_ID_BYTES);
            deviceGetPciBusId.callBoxed(bus, BUS_ID_BYTES, index);
            return bus.getString(0);
        }
    }
}
