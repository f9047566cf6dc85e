package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Stream;
import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract on a GPU, where there is one. */
@ExtendWith(RequiresGpu.class)
class CudaDeviceContractTest extends CudaContract {
    @Override
    protected Device openDevice() {
        return CudaDevice.open(0, false);
    }

    @Override
    protected void occupy(Stream stream, Duration time) {
        try {
            DynamicLibrary runtime = Libraries.fromEnvironment().open(Cuda.LIBRARY);
            new HostFunction(runtime).occupy((CudaStream) stream, time);
        } catch (MissingLibraryException e) {
            throw new AssertionError(e);
        }
    }
}
