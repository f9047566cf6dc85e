package dev.millrace.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.lmax.disruptor.Sequence;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.job.JobRing;
import dev.millrace.testing.Messages;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Who waits for a fuller batch while a lane is busy: those on a device that gains by it. */
class LingerTest {
    private static final long LINGER_NS = TimeUnit.HOURS.toNanos(1);
    private static final TensorSpec INPUT =
            new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3));
    private static final TensorSpec OUTPUT =
            new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(2));
    private static final EngineSource SOURCE =
            new EngineSource("numbers", Path.of("none"), List.of(INPUT), List.of(OUTPUT), 4);

    /** An engine for which two batches of one take as long as one of two, or not. */
    private record Gaining(Engine engine, boolean gainsByBatches) implements Engine {
        @Override
        public EngineSource source() {
            return engine.source();
        }

        @Override
        public Context createContext() {
            return engine.createContext();
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    @Test
    void aDeviceThatGainsByBatchesIsNotGivenASecondOne() throws Exception {
        assertFalse(secondGoesBesideTheFirst(true));
    }

    @Test
    void aDeviceThatDoesNotIsGivenItAtOnce() throws Exception {
        assertTrue(secondGoesBesideTheFirst(false));
    }

    /** A first batch of a second is under way when the second row comes. */
    private static boolean secondGoesBesideTheFirst(boolean gains) throws Exception {
        AtomicReference<Throwable> fault = new AtomicReference<>();
        BatchStats batches = new BatchStats();
        Sequence written = new Sequence();
        try (Device device = HostDevice.simulated(SimulatedCost.parse("1000,0"));
                Engine engine = new Gaining(device.load(SOURCE), gains);
                JobRing ring = new JobRing("numbers", 8, device, INPUT, List.of(OUTPUT));
                InferenceProcessor infer =
                        new InferenceProcessor(
                                ring, List.of(written), device, engine, 2, LINGER_NS, 0, batches);
                DutyThread thread = new Duties(fault::set).thread("infer", infer)) {
            ring.gate(new Sequence());
            thread.start();
            for (int row = 0; row < 2; row++) {
                ring.publish(Messages.of("numbers"), 0, new byte[0]);
                written.set(row);
                ring.moved();
                if (row == 0) {
                    assertTrue(submitted(batches, 1, 10), "an idle device takes what is there");
                }
            }
            boolean beside = submitted(batches, 2, 0.3);
            infer.drain();
            assertTrue(submitted(batches, 2, 10), "a drain waits for no fuller batch");
            assertTrue(ring.await(() -> infer.sequence().get() == 1, TimeUnit.SECONDS.toNanos(10)));
            assertNull(fault.get());
            assertEquals(2, batches.rows());
            return beside;
        }
    }

    private static boolean submitted(BatchStats batches, int count, double seconds)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + (long) (seconds * 1e9);
        while (batches.batches() < count && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(5);
        }
        return batches.batches() >= count;
    }
}
