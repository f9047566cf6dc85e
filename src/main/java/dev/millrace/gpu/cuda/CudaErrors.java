package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/**
 * What the codes of the CUDA runtime mean for a worker, in its words and ours; {@code docs/gpu.md}
 * has the table. Used by any thread.
 */
final class CudaErrors {
    private static final FunctionDescriptor TEXT_OF_CODE = FunctionDescriptor.of(ADDRESS, JAVA_INT);
    private static final int SUCCESS = 0;
    private static final int MEMORY_ALLOCATION = 2;

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
    private final MethodHandle name;
    private final MethodHandle text;

    CudaErrors(DynamicLibrary runtime) throws MissingLibraryException {
        takeLast = runtime.bind("cudaGetLastError", FunctionDescriptor.of(JAVA_INT));
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
        try {
            // An error that does not stick would otherwise show up again at another call.
            int _ = (int) takeLast.invokeExact();
            return new DeviceException(
                    "%s failed: %s (%s, %s)%s"
                            .formatted(
                                    call,
                                    DynamicLibrary.text((MemorySegment) name.invokeExact(code)),
                                    code,
                                    DynamicLibrary.text((MemorySegment) text.invokeExact(code)),
                                    remedy(code)),
                    STICKY.contains(code));
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("cudaGetErrorName", e);
        }
    }

    /** What to do, where there is something; with its separator. */
    private static String remedy(int code) {
        if (code == MEMORY_ALLOCATION) {
            return "; use a smaller maxBatch, fewer lanes or fewer models on this GPU";
        }
        return STICKY.contains(code)
                ? "; the GPU is lost to this process, start the worker again"
                : "";
    }
}
