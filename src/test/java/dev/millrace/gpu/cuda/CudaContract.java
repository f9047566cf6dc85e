package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceContract;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** What the lanes take for granted of CUDA beyond what every device owes them. */
abstract class CudaContract extends DeviceContract {
    private static final int LARGE = 64 << 20;
    private static final int ROUNDS = 8;
    private static final byte DIRT = 0x5a;

    private CudaDevice cuda() {
        return (CudaDevice) openDevice();
    }

    @Test
    void memoryIsZeroForTheFirstThatReadsItOnAnyStream() {
        CudaDevice device = cuda();
        MemorySegment zeros = MemorySegment.ofArray(new byte[LARGE]);
        try (Memory host = device.allocateHost(LARGE);
                CudaStream stream = new CudaStream(device)) {
            for (int round = 0; round < ROUNDS; round++) {
                host.segment().fill(DIRT);
                // Most often the block that the round before has left full of dirt.
                try (CudaMemory memory = new CudaMemory(device, LARGE)) {
                    stream.copyToHost(host, 0, memory, 0, LARGE);
                    stream.synchronize();
                    assertEquals(-1, host.segment().mismatch(zeros), "round " + round);
                    host.segment().fill(DIRT);
                    stream.copyToDevice(memory, 0, host, 0, LARGE);
                    stream.synchronize();
                }
            }
        }
    }

    @Test
    void aGraphIsReplayedOnAnotherStreamThanItsOwn() {
        CudaDevice device = cuda();
        try (Memory host = device.allocateHost(2 * ROUNDS);
                CudaMemory memory = new CudaMemory(device, ROUNDS);
                CudaStream recorder = new CudaStream(device);
                CudaStream player = new CudaStream(device);
                CudaGraph graph =
                        CudaGraph.capture(
                                device,
                                recorder,
                                () -> {
                                    recorder.copyToDevice(memory, 0, host, 0, ROUNDS);
                                    recorder.copyToHost(host, ROUNDS, memory, 0, ROUNDS);
                                })) {
            graph.upload(player);
            for (byte round = 1; round <= ROUNDS; round++) {
                host.segment().asSlice(0, ROUNDS).fill(round);
                graph.launch(player);
                player.synchronize();
                byte last = host.segment().get(ValueLayout.JAVA_BYTE, 2L * ROUNDS - 1);
                assertEquals(round, last);
            }
        }
    }

    @Test
    void memoryThatIsNotThereIsOneLineAndHarmless() {
        CudaDevice device = cuda();
        DeviceException full =
                assertThrows(DeviceException.class, () -> device.allocateDevice(1L << 46));
        assertFalse(full.sticky());
        assertEquals(1, full.getMessage().lines().count(), full.getMessage());
        assertTrue(full.getMessage().contains("smaller maxBatch"), full.getMessage());
        try (Memory host = device.allocateHost(2);
                CudaMemory memory = new CudaMemory(device, 1);
                CudaStream stream = new CudaStream(device)) {
            host.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 9);
            stream.copyToDevice(memory, 0, host, 0, 1);
            stream.copyToHost(host, 1, memory, 0, 1);
            stream.synchronize();
            assertEquals(9, host.segment().get(ValueLayout.JAVA_BYTE, 1));
        }
    }
}
