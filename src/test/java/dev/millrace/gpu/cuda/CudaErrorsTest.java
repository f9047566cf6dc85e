package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is to be done about code that the driver or the card does not take. */
class CudaErrorsTest {
    private static String said(int code) {
        StandIn cuda = new StandIn();
        try (CudaDevice device = cuda.device(false)) {
            cuda.fail("cudaStreamCreateWithFlags", code);
            DeviceException failure =
                    assertThrows(DeviceException.class, () -> device.createStream("lane"));
            assertFalse(failure.sticky());
            return failure.getMessage();
        }
    }

    @Test
    void eachCodeHasItsRemedy() {
        assertTrue(said(222).contains("install 590 or newer (CUDA 13.1)"), said(222));
        assertTrue(said(209).contains("there are no kernels for this GPU"), said(209));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[cudaDriverHelpers.cpp] Error Code 1: Cuda Driver (the provided PTX was compiled"
                        + " with an unsupported toolchain.)",
                "Cuda failure: cudaErrorUnsupportedPtxVersion",
                "cuModuleLoadData: CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
                "cuLibraryLoadData failed with error 222"
            })
    void aLineOfTensorRtsAboutPtxHasItToo(String line) {
        assertTrue(CudaErrors.remedyOf(line).contains("590 or newer"), line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Error Code 1: Cuda Runtime (no kernel image is available for execution on the device)",
                "CUDA_ERROR_NO_BINARY_FOR_GPU",
                "cudaErrorNoKernelImageForDevice",
                "status: 209"
            })
    void aLineOfTensorRtsAboutKernelsHasItToo(String line) {
        assertTrue(CudaErrors.remedyOf(line).contains("no kernels for this GPU"), line);
    }

    @Test
    void otherLinesHaveNone() {
        assertEquals("", CudaErrors.remedyOf("Error Code 2: OutOfMemory (Requested 2220 MiB)"));
    }
}
