package dev.millrace.gpu.host;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceContract;
import dev.millrace.gpu.Stream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The contract on the CPU. */
class HostDeviceContractTest extends DeviceContract {
    @Override
    protected Device openDevice() {
        return HostDevice.computing(1);
    }

    @Override
    protected void occupy(Stream stream, Duration time) {
        ((HostStream) stream)
                .enqueue(
                        "wait",
                        () -> {
                            long untilNs = System.nanoTime() + time.toNanos();
                            long leftNs;
                            while ((leftNs = untilNs - System.nanoTime()) > 0) {
                                LockSupport.parkNanos(leftNs);
                            }
                        });
    }
}
