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

    /** A T4 of which nobody has anything. */
    StandIn() {
        this("");
    }

    /**
     * Begins anew: what an earlier test broke or left is forgotten.
     *
     * @param options as {@code FAKE_CUDA} has them
     */
    StandIn(String options) {
        try (Arena arena = Arena.ofConfined()) {
            runtime.bind("fake_configure", FunctionDescriptor.ofVoid(ADDRESS))
                    .invokeExact(arena.allocateFrom(options));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

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

    /** Blocks, streams, events, graphs and libraries of kernels that were not freed. */
    int alive() {
        return number("fake_alive");
    }

    /** What was wrong though CUDA would not report it; each is a line on standard error. */
    int faults() {
        return number("fake_faults");
    }

    private int number(String function) {
        try {
            return (int) runtime.bind(function, FunctionDescriptor.of(JAVA_INT)).invokeExact();
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
