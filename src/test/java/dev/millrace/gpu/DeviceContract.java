package dev.millrace.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every device owes to the infer stage. */
public abstract class DeviceContract {
    private static final int BYTES = 1 << 20;

    /** Long enough that a copy behind it is not executed while the test goes on. */
    private static final Duration SLOW = Duration.ofMillis(100);

    private Device device;
    private Stream stream;
    private Event event;
    private Memory host;
    private Memory onDevice;

    protected abstract Device openDevice();

    /** Puts work into the stream that does nothing for some time. */
    protected abstract void occupy(Stream stream, Duration time);

    @BeforeEach
    void open() {
        device = openDevice();
        stream = device.createStream("contract");
        event = device.createEvent();
        host = device.allocateHost(2 * BYTES);
        onDevice = device.allocateDevice(BYTES);
    }

    @AfterEach
    void close() {
        stream.close();
        event.close();
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
        occupy(stream, SLOW);
        stream.copyToDevice(onDevice, 0, host, 0, BYTES);
        host.segment().fill((byte) 2);
        stream.copyToHost(host, BYTES, onDevice, 0, BYTES);
        stream.synchronize();

        assertEquals(2, host.segment().get(ValueLayout.JAVA_BYTE, BYTES));
    }

    @Test
    void anEventCompletesAfterTheWorkBeforeIt() {
        long startNs = System.nanoTime();
        occupy(stream, SLOW);
        stream.record(event);

        assertFalse(event.isComplete(), "enqueueing returns at once");
        event.synchronize();
        assertTrue(System.nanoTime() - startNs >= SLOW.toNanos() - 1_000_000);
    }

    @Test
    void aTimerKnowsHowLongTheWorkBetweenItsMarksTook() {
        try (Timer timer = device.createTimer()) {
            occupy(stream, SLOW);
            timer.begin(stream);
            occupy(stream, SLOW);
            timer.end(stream);
            occupy(stream, SLOW);
            stream.record(event);
            event.synchronize();
            long first = timer.elapsedNs();
            assertTrue(first >= SLOW.toNanos() - 1_000_000, first + " ns");

            timer.begin(stream);
            timer.end(stream);
            stream.record(event);
            event.synchronize();
            long second = timer.elapsedNs();
            assertTrue(second >= 0 && second < first, second + " ns after " + first);
        }
    }

    @Test
    void aTimerTakesNoFailureFromTheEventBehindIt() {
        try (Timer timer = device.createTimer()) {
            timer.begin(stream);
            assertThrows(
                    DeviceException.class,
                    () -> {
                        stream.copyToDevice(onDevice, 0, host, 0, 4L * BYTES);
                        timer.end(stream);
                        stream.record(event);
                        event.synchronize();
                    });
        }
    }

    @Test
    void workThatFailsShowsAtItsCallOrItsEventAndTheStreamGoesOn() {
        DeviceException failure =
                assertThrows(
                        DeviceException.class,
                        () -> {
                            stream.copyToDevice(onDevice, 0, host, 0, 4L * BYTES);
                            stream.record(event);
                            event.synchronize();
                        });
        assertFalse(failure.sticky());
        host.segment().fill((byte) 3);
        stream.copyToDevice(onDevice, 0, host, 0, BYTES);
        host.segment().fill((byte) 0);
        stream.copyToHost(host, BYTES, onDevice, 0, BYTES);
        stream.record(event);
        event.synchronize();
        assertTrue(event.isComplete());
    }

    @Test
    void memoryOfTheHostIsGoneAfterClose() {
        Memory block = device.allocateHost(4096);
        MemorySegment view = block.segment();
        block.close();
        assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void everyThreadMayUseTheDevice() throws InterruptedException {
        host.segment().asSlice(0, BYTES).fill((byte) 5);
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    stream.copyToDevice(onDevice, 0, host, 0, BYTES);
                                    stream.copyToHost(host, BYTES, onDevice, 0, BYTES);
                                    stream.record(event);
                                });
        other.join();
        event.synchronize();
        assertEquals(5, host.segment().get(ValueLayout.JAVA_BYTE, 2L * BYTES - 1));
    }
}
