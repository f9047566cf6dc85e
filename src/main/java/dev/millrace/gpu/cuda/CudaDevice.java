package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;
import dev.millrace.nativelib.MissingLibraryException;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * A GPU: memory, streams and events of the CUDA runtime, engines of TensorRT. A process uses one of
 * them. Every thread may use it; it is made current on a thread by each call, which is cheap where
 * it already is.
 */
public final class CudaDevice implements Device {
    private final Cuda cuda;
    private final GpuInfo gpu;
    private final Options options;

    /**
     * @param index of the GPU, as the driver counts
     * @param spin wait by spinning: the lowest latency, a core burnt per infer thread; otherwise
     *     waiting threads sleep and leave the cores to decoding
     * @param graphs launch batches as CUDA graphs, one for each of some batch sizes
     */
    public record Options(int index, boolean spin, boolean graphs) {}

    CudaDevice(Cuda cuda, GpuInfo gpu, Options options) {
        this.cuda = cuda;
        this.gpu = gpu;
        this.options = options;
        cuda.setDevice.call(gpu.index());
        cuda.setDeviceFlags.call(options.spin() ? Cuda.SCHEDULE_SPIN : Cuda.SCHEDULE_BLOCKING_SYNC);
    }

    /** Opens a GPU with CUDA graphs. Throws {@link DeviceException}, one line. */
    public static CudaDevice open(int index, boolean spin) {
        return open(new Options(index, spin, true));
    }

    /** Opens a GPU. Throws {@link DeviceException}, one line, where there is none to use. */
    public static CudaDevice open(Options options) {
        return open(Libraries.fromEnvironment(), options);
    }

    static CudaDevice open(Libraries libraries, Options options) {
        TensorRtLogLevel.fromEnvironment();
        GpuInfo gpu = gpu(new GpuProbe(libraries).status(), options.index());
        try {
            Cuda cuda = new Cuda(libraries.open(Cuda.LIBRARY));
            return new CudaDevice(cuda, gpu, options);
        } catch (MissingLibraryException e) {
            throw new DeviceException(e.getMessage(), e);
        }
    }

    /**
     * Does what a worker does before it loads a plan: opens a GPU, and TensorRT's presets. Throws
     * {@link DeviceException}, one line.
     */
    public static void rehearse(int index) {
        open(index, false).close();
        TensorRt.prepare(Libraries.fromEnvironment());
    }

    /** A GPU of this machine. Throws {@link DeviceException}, one line, where it cannot be used. */
    public static GpuInfo gpu(int index) {
        return gpu(GpuProbe.probe(), index);
    }

    /** The same GPU, whose engines launch each batch call by call. */
    public CudaDevice withoutGraphs() {
        return new CudaDevice(cuda, gpu, new Options(options.index(), options.spin(), false));
    }

    static GpuInfo gpu(GpuStatus status, int index) {
        return switch (status) {
            case GpuStatus.Absent(String reason, boolean _) -> throw new DeviceException(reason);
            case GpuStatus.Unusable(String reason) -> throw new DeviceException(reason);
            case GpuStatus.Present(var gpus, var refused) ->
                    gpus.stream()
                            .filter(gpu -> gpu.index() == index)
                            .findFirst()
                            .orElseThrow(() -> no(index, gpus, refused));
        };
    }

    private static DeviceException no(
            int index, List<GpuInfo> gpus, SortedMap<Integer, String> refused) {
        String usable =
                gpus.stream()
                        .map(gpu -> gpu.index() + " (" + gpu.name() + ")")
                        .collect(Collectors.joining(", "));
        return new DeviceException(
                refused.containsKey(index)
                        ? "GPU %s: %s; choose %s".formatted(index, refused.get(index), usable)
                        : "there is no GPU %s: the driver shows %s, counted from 0; choose %s"
                                .formatted(index, gpus.size() + refused.size(), usable));
    }

    /** The runtime with this device current on the calling thread. */
    Cuda cuda() {
        cuda.setDevice.call(gpu.index());
        return cuda;
    }

    /** What the device is. */
    public GpuInfo gpu() {
        return gpu;
    }

    /** Where it sits, such as {@code 0000:00:1E.0}. */
    public String pciBusId() {
        return cuda().pciBusId(gpu.index());
    }

    /** Bytes of its memory that nobody has taken. */
    public long freeBytes() {
        return cuda().freeBytes();
    }

    @Override
    public String description() {
        return "%s (%s, %s MiB, CUDA %s, TensorRT %s, %s profile)"
                .formatted(
                        gpu.name(),
                        gpu.architecture(),
                        gpu.memoryBytes() >> 20,
                        gpu.cuda(),
                        gpu.tensorRt(),
                        options.spin() ? "latency" : "throughput");
    }

    @Override
    public boolean computes() {
        return true;
    }

    @Override
    public Memory allocateHost(long bytes) {
        return new CudaHostMemory(this, bytes);
    }

    @Override
    public Memory allocateDevice(long bytes) {
        return new CudaMemory(this, bytes);
    }

    @Override
    public Stream createStream(String name) {
        return new CudaStream(this);
    }

    @Override
    public Event createEvent() {
        return new CudaEvent(this, options.spin());
    }

    @Override
    public Timer createTimer() {
        return new CudaTimer(this);
    }

    @Override
    public Engine load(EngineSource source) {
        cuda();
        return TensorRtEngine.load(this, source, options.graphs());
    }

    @Override
    public void close() {
        // Memory, streams and engines belong to those who made them.
    }
}
