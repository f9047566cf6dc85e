package dev.millrace.gpu.cuda;

import java.util.Set;

/** What the codes of the CUDA runtime mean for a worker; {@code docs/gpu.md} has the table. */
final class CudaErrors {
    static final int MEMORY_ALLOCATION = 2;

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

    private CudaErrors() {}

    static boolean sticky(int code) {
        return STICKY.contains(code);
    }

    /** What to do, where there is something; with its separator. */
    static String remedy(int code) {
        if (code == MEMORY_ALLOCATION) {
            return "; use a smaller maxBatch, fewer lanes or fewer models on this GPU";
        }
        return sticky(code) ? "; the GPU is lost to this process, start the worker again" : "";
    }
}
