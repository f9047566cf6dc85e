package dev.millrace.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every device owes to the infer stage. */
class DeviceContractTest {
    private static final int BYTES = 1 << 20;

    /** Long enough that a copy behind it is not executed while the test goes on. */
    private static final SimulatedCost SLOW = new SimulatedCost(100, 1);

    private Device device;
    private Stream stream;
    private Event event;
    private Memory host;
    private Memory onDevice;
    private Engine engine;
    private Engine.Context context;

    @BeforeEach
    void open() {
        device = HostDevice.simulated(SLOW);
        stream = device.createStream("contract");
        event = device.createEvent();
        host = device.allocateHost(2 * BYTES);
        onDevice = device.allocateDevice(BYTES);
        TensorSpec tensor = new TensorSpec("tensor", TensorSpec.Type.UINT8, List.of(1, 1, 3));
        engine =
                device.load(
                        new EngineSource(
                                "slow", Path.of("none"), List.of(tensor), List.of(tensor), 4));
        context = engine.createContext();
    }

    @AfterEach
    void close() {
        stream.close();
        event.close();
        context.close();
        engine.close();
        onDevice.close();
        host.close();
        device.close();
    }

    @Test
    void hostMemoryIsZeroedAndAlignedToAPage() {
        assertEquals(0, host.segment().address() % 4096);
        assertEquals(-1, host.segment().mismatch(MemorySegment.ofArray(new byte[2 * BYTES])));
    }

    @Test
    void aStreamIsFirstInFirstOut() {
        host.segment().fill((byte) 7);
        stream.copyToDevice(onDevice, 0, host, 0, BYTES);
        host.segment().asSlice(BYTES).set(ValueLayout.JAVA_BYTE, 0, (byte) 9);
        stream.copyToHost(host, BYTES, onDevice, 0, BYTES);
        stream.record(event);
        event.synchronize();

        assertTrue(event.isComplete());
        assertEquals(
                7,
                host.segment().get(ValueLayout.JAVA_BYTE, BYTES),
                "the second copy came after the first");
    }

    @Test
    void aCopyReadsItsSourceWhenItIsExecuted() {
        host.segment().fill((byte) 1);
        context.enqueue(1, stream);
        stream.copyToDevice(onDevice, 0, host, 0, BYTES);
        host.segment().fill((byte) 2);
        stream.copyToHost(host, BYTES, onDevice, 0, BYTES);
        stream.synchronize();

        assertEquals(2, host.segment().get(ValueLayout.JAVA_BYTE, BYTES));
    }

    @Test
    void anEventCompletesAfterTheWorkBeforeIt() {
        long startNs = System.nanoTime();
        context.enqueue(4, stream);
        stream.record(event);

        assertFalse(event.isComplete(), "enqueueing returns at once");
        event.synchronize();
        assertTrue(System.nanoTime() - startNs >= SLOW.nanos(4) - 1_000_000);
    }

    @Test
    void failedWorkShowsAtItsEventAndTheStreamGoesOn() {
        stream.copyToDevice(onDevice, 0, host, 0, 4L * BYTES);
        stream.record(event);

        DeviceException failure = assertThrows(DeviceException.class, event::synchronize);
        assertFalse(failure.sticky());
        host.segment().fill((byte) 3);
        stream.copyToDevice(onDevice, 0, host, 0, BYTES);
        stream.record(event);
        event.synchronize();
        assertTrue(event.isComplete());
    }
}
