package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Stream;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on {@link CudaDevice} over a stand-in of the CUDA runtime: everywhere. */
class StandInDeviceContractTest extends CudaContract {
    private static StandIn standIn;

    @BeforeAll
    static void open() {
        standIn = new StandIn();
    }

    @AfterAll
    static void nothingIsLeaked() {
        assertEquals(0, standIn.alive());
    }

    @Override
    protected Device openDevice() {
        return standIn.device(false);
    }

    @Override
    protected void occupy(Stream stream, Duration time) {
        new HostFunction(standIn.runtime()).occupy((CudaStream) stream, time);
    }
}
