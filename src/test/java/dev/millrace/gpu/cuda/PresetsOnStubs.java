package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.nativelib.DynamicLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ILogger;

/**
 * Loads TensorRT's presets where every library of NVIDIA is an empty one, and uses what needs none
 * of them. Run in a process of its own, which also looks kernels up where TensorRT would.
 */
@SuppressWarnings("restricted") // native access is what this is for
final class PresetsOnStubs {
    private PresetsOnStubs() {}

    public static void main(String[] arguments) throws Throwable {
        try {
            TensorRt.prepare(Libraries.fromEnvironment());
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
            return;
        }
        try (Dims64 dims = new Dims64().nbDims(4).d(0, 8)) {
            System.out.println("dimensions: " + dims.nbDims() + ", first " + dims.d(0));
        }
        System.out.println("stream: " + new CUstream_st(new RawPointer(42)).address());
        System.out.println(
                "uint8: " + org.bytedeco.tensorrt.global.nvinfer.DataType.kUINT8.intern());
        logAsTensorRtDoes(ILogger.Severity.kERROR.value, "what went wrong\nand more");
        System.out.println("last error: " + TensorRtLog.takeError());
        logAsTensorRtDoes(ILogger.Severity.kERROR.value, "Cuda failure: error 222");
        DeviceException failure = TensorRt.failure("the build");
        System.out.println("asked: " + failure.getMessage());
        System.out.println("asked: sticky " + failure.sticky());
        logAsTensorRtDoes(ILogger.Severity.kVERBOSE.value, "much");
        System.out.println("then: '" + TensorRtLog.takeError() + "'");
        GpuInfo gpu = new GpuInfo(0, "X", 8, 0, 1, "13.1", "13.1", "10.15.1.29");
        BuilderResource.find(gpu, Libraries.fromEnvironment().folders()).open();
        DynamicLibrary kernels = DynamicLibrary.open("libnvinfer_builder_resource_sm80.so.10.15.1");
        System.out.println("kernels of ptx: " + kernels.find("fake_ptx_kernels").isPresent());
        try {
            TensorRt.openStub("libnone.so.1", "install it");
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
        }
    }

    /** Calls the first virtual function of the logger. */
    private static void logAsTensorRtDoes(int severity, String message) throws Throwable {
        MemorySegment logger = MemorySegment.ofAddress(TensorRtLog.INSTANCE.address());
        MemorySegment table = logger.reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
        MemorySegment log = table.reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
        try (Arena arena = Arena.ofConfined()) {
            Linker.nativeLinker()
                    .downcallHandle(log, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, ADDRESS))
                    .invokeExact(logger.address(), severity, arena.allocateFrom(message));
        }
    }
}
