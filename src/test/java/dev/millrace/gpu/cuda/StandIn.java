package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.gpu.GpuInfo;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;

/** A stand-in of the CUDA runtime, with what a test may ask of it beyond CUDA. */
final class StandIn {
    static final GpuInfo GPU =
            new GpuInfo(0, "Tesla T4", 7, 5, 15L << 30, "13.1", "13.1", "10.15.1.29");

    private final DynamicLibrary runtime = Fakes.open("cudart");

    DynamicLibrary runtime() {
        return runtime;
    }

    CudaDevice device(boolean spin) {
        try {
            return new CudaDevice(new Cuda(runtime), GPU, new CudaDevice.Options(0, spin, true));
        } catch (MissingLibraryException e) {
            throw new AssertionError(e);
        }
    }

    /** Blocks, streams and events that were not freed. */
    int alive() {
        try {
            return (int) runtime.bind("fake_alive", FunctionDescriptor.of(JAVA_INT)).invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Makes the next call of a function give an error. */
    void fail(String call, int code) {
        try (Arena arena = Arena.ofConfined()) {
            runtime.bind("fake_fail", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT))
                    .invokeExact(arena.allocateFrom(call), code);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
