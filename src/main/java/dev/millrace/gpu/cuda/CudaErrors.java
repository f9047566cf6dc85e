package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the codes of the CUDA runtime mean for a worker, in its words and ours; {@code docs/gpu.md}
 * has the table. Used by any thread.
 */
final class CudaErrors {
    private static final FunctionDescriptor TEXT_OF_CODE = FunctionDescriptor.of(ADDRESS, JAVA_INT);
    private static final int SUCCESS = 0;
    private static final int MEMORY_ALLOCATION = 2;
    private static final int NOT_READY = 600;

    /** As TensorRT reports it, who has taken CUDA's error then. */
    private static final Pattern NO_MEMORY =
            Pattern.compile("out ?of ?memory", Pattern.CASE_INSENSITIVE);

    private static final int NO_BINARY_FOR_GPU = 209;
    private static final int UNSUPPORTED_PTX = 222;

    private static final String NEWER_DRIVER =
            "; the driver is older than the PTX: install 590 or newer (CUDA 13.1), or CUDA's"
                    + " compatibility libraries, or build with NVIDIA's own TensorRT (--trt-lib-dir)";

    /** By name, by what CUDA says of it, and by number. */
    private static final Pattern UNSUPPORTED_PTX_LINE =
            Pattern.compile(
                    "UnsupportedPtxVersion|UNSUPPORTED_PTX_VERSION|unsupported toolchain"
                            + "|(?i:error|status|code)\\W{1,3}222\\b");

    private static final Pattern NO_BINARY_LINE =
            Pattern.compile(
                    "NoKernelImageForDevice|NO_BINARY_FOR_GPU|no kernel image is available"
                            + "|(?i:error|status|code)\\W{1,3}209\\b");

    private static final String OWN_KERNELS =
            "; there are no kernels for this GPU: build the plan on it, with NVIDIA's own TensorRT"
                    + " (--trt-lib-dir)";

    /**
     * After these the context is broken for good: every later call of the process fails, so the
     * worker must end and be started again.
     */
    private static final Set<Integer> STICKY =
            Set.of(
                    3, // cudaErrorInitializationError
                    4, // cudaErrorCudartUnloading
                    35, // cudaErrorInsufficientDriver
                    46, // cudaErrorDevicesUnavailable
                    100, // cudaErrorNoDevice
                    127, // cudaErrorStartupFailure
                    201, // cudaErrorDeviceUninitialized
                    214, // cudaErrorECCUncorrectable
                    220, // cudaErrorNvlinkUncorrectable
                    226, // cudaErrorContained
                    700, // cudaErrorIllegalAddress
                    702, // cudaErrorLaunchTimeout
                    709, // cudaErrorContextIsDestroyed
                    710, // cudaErrorAssert
                    714, // cudaErrorHardwareStackError
                    715, // cudaErrorIllegalInstruction
                    716, // cudaErrorMisalignedAddress
                    717, // cudaErrorInvalidAddressSpace
                    718, // cudaErrorInvalidPc
                    719, // cudaErrorLaunchFailure
                    721, // cudaErrorTensorMemoryLeak
                    802, // cudaErrorSystemNotReady
                    806, // cudaErrorMpsRpcFailure
                    810, // cudaErrorMpsClientTerminated
                    911, // cudaErrorExternalDevice
                    999); // cudaErrorUnknown

    private final MethodHandle takeLast;
    private final MethodHandle memGetInfo;
    private final MethodHandle name;
    private final MethodHandle text;

    CudaErrors(DynamicLibrary runtime) throws MissingLibraryException {
        takeLast = runtime.bind("cudaGetLastError", FunctionDescriptor.of(JAVA_INT));
        memGetInfo =
                runtime.bind("cudaMemGetInfo", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        name = runtime.bind("cudaGetErrorName", TEXT_OF_CODE);
        text = runtime.bind("cudaGetErrorString", TEXT_OF_CODE);
    }

    /** Throws for a code that is not success; says whether the device is lost with it. */
    void check(int code, String call) {
        if (code != SUCCESS) {
            throw error(code, call);
        }
    }

    private DeviceException error(int code, String call) {
        // An error that does not stick would otherwise show up again at another call.
        takeLast();
        return new DeviceException(
                call + " failed: " + said(code) + remedy(code), STICKY.contains(code));
    }

    /**
     * What a library of NVIDIA's refused, with the reason where it is CUDA's: a library that is
     * built on CUDA says no, and keeps to itself that the device is lost or its memory full.
     *
     * @param refusal a line without an end
     */
    DeviceException behind(String refusal) {
        int code = takeLast();
        if (code == SUCCESS || code == NOT_READY) {
            // The library may have taken the error; after one that sticks every call gives it.
            code = anyCall();
            takeLast();
        }
        if (code == SUCCESS) {
            boolean full = NO_MEMORY.matcher(refusal).find();
            return new DeviceException(refusal + (full ? remedy(MEMORY_ALLOCATION) : ""));
        }
        return new DeviceException(
                refusal + "; CUDA says: " + said(code) + remedy(code), STICKY.contains(code));
    }

    private int takeLast() {
        try {
            return (int) takeLast.invokeExact();
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGetLastError", e);
        }
    }

    private int anyCall() {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    memGetInfo.invokeExact(arena.allocate(JAVA_LONG), arena.allocate(JAVA_LONG));
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaMemGetInfo", e);
        }
    }

    /** CUDA's name for a code, its number and CUDA's words. */
    private String said(int code) {
        try {
            return "%s (%s, %s)"
                    .formatted(
                            DynamicLibrary.text((MemorySegment) name.invokeExact(code)),
                            code,
                            DynamicLibrary.text((MemorySegment) text.invokeExact(code)));
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGetErrorName", e);
        }
    }

    /** What to do, where there is something; with its separator. */
    private static String remedy(int code) {
        if (code == MEMORY_ALLOCATION) {
            return "; use a smaller maxBatch, fewer lanes or fewer models on this GPU";
        }
        if (code == UNSUPPORTED_PTX) {
            return NEWER_DRIVER;
        }
        if (code == NO_BINARY_FOR_GPU) {
            return OWN_KERNELS;
        }
        return STICKY.contains(code)
                ? "; this process has lost the GPU, so start the worker again"
                : "";
    }

    /** The same for a line of TensorRT's, which logs some errors of CUDA and reports none. */
    static String remedyOf(String line) {
        if (UNSUPPORTED_PTX_LINE.matcher(line).find()) {
            return NEWER_DRIVER;
        }
        return NO_BINARY_LINE.matcher(line).find() ? OWN_KERNELS : "";
    }
}
