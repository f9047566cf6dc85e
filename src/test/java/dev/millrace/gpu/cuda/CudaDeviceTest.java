package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong on a GPU, over a stand-in of the CUDA runtime. */
class CudaDeviceTest {
    private StandIn standIn;
    private CudaDevice device;

    @BeforeEach
    void open() {
        standIn = new StandIn();
        device = standIn.device(true);
    }

    @Test
    void anErrorNamesTheCallAndTheCodeAndWhatToDo() {
        DeviceException failure =
                assertThrows(DeviceException.class, () -> device.allocateDevice(1L << 40));
        assertFalse(failure.sticky());
        assertEquals(
                "cudaMalloc failed: cudaErrorMemoryAllocation (2, out of memory); use a smaller"
                        + " maxBatch, fewer lanes or fewer models on this GPU",
                failure.getMessage());
    }

    @Test
    void pageLockedMemoryIsNeverReplacedByOther() {
        standIn.fail("cudaHostAlloc", 2);
        DeviceException failure =
                assertThrows(DeviceException.class, () -> device.allocateHost(4096));
        assertTrue(failure.getMessage().startsWith("cudaHostAlloc failed"), failure.getMessage());
    }

    @Test
    void memoryThatCannotBeZeroedIsFreed() {
        int before = standIn.alive();
        standIn.fail("cudaMemsetAsync", 1);
        assertThrows(DeviceException.class, () -> device.allocateDevice(4096));
        assertEquals(before, standIn.alive());
    }

    @Test
    void whatBreaksTheContextIsSticky() {
        Event event = device.createEvent();
        standIn.fail("cudaEventQuery", 700);
        DeviceException failure = assertThrows(DeviceException.class, event::isComplete);
        assertTrue(failure.sticky());
        assertTrue(failure.getMessage().contains("cudaErrorIllegalAddress"));
        assertTrue(failure.getMessage().endsWith("start the worker again"));
        assertTrue(assertThrows(DeviceException.class, event::close).sticky(), "every later call");
    }

    @Test
    void whatALibraryRefusedOnABrokenContextIsSticky() throws Throwable {
        CudaErrors errors = new CudaErrors(standIn.runtime());
        DeviceException plain = errors.behind("enqueueV3 of 8 rows failed");
        assertEquals("enqueueV3 of 8 rows failed", plain.getMessage());
        assertFalse(plain.sticky());

        breakUnseen(700);
        DeviceException lost = errors.behind("enqueueV3 of 8 rows failed");
        assertTrue(lost.sticky());
        assertEquals(
                "enqueueV3 of 8 rows failed; CUDA says: cudaErrorIllegalAddress (700, something"
                        + " happened); this process has lost the GPU, so start the worker again",
                lost.getMessage());
    }

    @Test
    void aContextThatGetsNoMemorySaysWhatToDo() throws Throwable {
        CudaErrors errors = new CudaErrors(standIn.runtime());
        String remedy = "; use a smaller maxBatch, fewer lanes or fewer models on this GPU";
        breakUnseen(2);
        DeviceException full = errors.behind("createExecutionContext failed");
        assertFalse(full.sticky());
        assertEquals(
                "createExecutionContext failed; CUDA says: cudaErrorMemoryAllocation (2, out of"
                        + " memory)"
                        + remedy,
                full.getMessage());

        String said = "createExecutionContext failed; TensorRT says: Error Code 2: OutOfMemory";
        assertEquals(said + remedy, errors.behind(said).getMessage());
    }

    /** An error that a library of NVIDIA's met and left behind. */
    private void breakUnseen(int code) throws Throwable {
        standIn.fail("cudaDeviceSynchronize", code);
        FunctionDescriptor call = FunctionDescriptor.of(JAVA_INT);
        int failure = (int) standIn.runtime().bind("cudaDeviceSynchronize", call).invokeExact();
        assertEquals(code, failure);
    }

    /** Streams of ours do not wait for the default one, in which cudaMemset works. */
    @Test
    void memoryIsZeroBeforeAnyStreamSeesIt() {
        try (Stream stream = device.createStream("test");
                Memory host = device.allocateHost(1 << 20)) {
            host.segment().fill((byte) 1);
            new HostFunction(standIn.runtime()).occupyDefaultStream(Duration.ofMillis(200));
            try (Memory onDevice = device.allocateDevice(1 << 20)) {
                stream.copyToHost(host, 0, onDevice, 0, 1 << 20);
                stream.synchronize();
            }
            assertEquals(-1, host.segment().mismatch(MemorySegment.ofArray(new byte[1 << 20])));
        }
        assertEquals(0, standIn.faults());
    }

    @Test
    void aRefusedCopyIsNotSticky() {
        standIn.fail("cudaMemcpyAsync", 1);
        try (Stream stream = device.createStream("test");
                Memory host = device.allocateHost(16);
                Memory onDevice = device.allocateDevice(16)) {
            DeviceException failure =
                    assertThrows(
                            DeviceException.class,
                            () -> stream.copyToHost(host, 0, onDevice, 0, 16));
            assertFalse(failure.sticky());
            assertTrue(failure.getMessage().startsWith("cudaMemcpyAsync failed"));
        }
    }

    @Test
    void copiesOutsideTheirBlocksAreRefused() {
        try (Stream stream = device.createStream("test");
                Memory host = device.allocateHost(16);
                Memory onDevice = device.allocateDevice(16)) {
            for (long[] copy : new long[][] {{1, 0, 16}, {0, 1, 16}, {-1, 0, 1}, {0, 0, -1}}) {
                assertThrows(
                        DeviceException.class,
                        () -> stream.copyToDevice(onDevice, copy[0], host, copy[1], copy[2]));
            }
        }
    }

    @Test
    void memoryOfTheGpuIsNotSeenByTheHost() {
        try (Memory onDevice = device.allocateDevice(16)) {
            assertThrows(UnsupportedOperationException.class, onDevice::segment);
        }
    }

    @Test
    void aModelWithoutAPlanIsRefusedInOneLine() {
        EngineSource source =
                new EngineSource("safety", Path.of("model.onnx"), List.of(), List.of(), 8);
        DeviceException failure = assertThrows(DeviceException.class, () -> device.load(source));
        assertTrue(failure.getMessage().startsWith("safety has no plan for this GPU"));
    }

    @Test
    void aGraphIsRecordedOnceAndRunsAtEachLaunch() {
        try (CudaStream stream = new CudaStream(device);
                Memory host = device.allocateHost(1);
                Memory onDevice = device.allocateDevice(1)) {
            CudaGraph graph =
                    CudaGraph.capture(
                            device, stream, () -> stream.copyToDevice(onDevice, 0, host, 0, 1));
            try (graph) {
                graph.upload(stream);
                for (byte value = 1; value <= 3; value++) {
                    host.segment().set(ValueLayout.JAVA_BYTE, 0, value);
                    graph.launch(stream);
                    stream.synchronize();
                    host.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
                    stream.copyToHost(host, 0, onDevice, 0, 1);
                    stream.synchronize();
                    assertEquals(value, host.segment().get(ValueLayout.JAVA_BYTE, 0));
                }
            }
        }
        assertEquals(0, standIn.alive());
    }

    @Test
    void aGraphThatCannotBeRecordedLeavesNothingBehindAndTheStreamUsable() {
        try (CudaStream stream = new CudaStream(device)) {
            for (String call : List.of("cudaStreamBeginCapture", "cudaGraphInstantiateWithFlags")) {
                standIn.fail(call, 900);
                assertThrows(
                        DeviceException.class, () -> CudaGraph.capture(device, stream, () -> {}));
            }
            assertThrows(
                    IllegalStateException.class,
                    () ->
                            CudaGraph.capture(
                                    device,
                                    stream,
                                    () -> {
                                        throw new IllegalStateException("refused");
                                    }));
            assertThrows(
                    StackOverflowError.class,
                    () ->
                            CudaGraph.capture(
                                    device,
                                    stream,
                                    () -> {
                                        throw new StackOverflowError("as if");
                                    }));
            CudaGraph.capture(device, stream, () -> {}).close();
        }
        assertEquals(0, standIn.alive());
    }

    @Test
    void theDescriptionNamesWhatCounts() {
        assertEquals(
                "Tesla T4 (sm_75, 15360 MiB, CUDA 13.1, TensorRT 10.15.1.29, latency profile)",
                device.description());
        assertEquals("0000:00:1E.0", device.pciBusId());
    }

    @Test
    void anIndexThatThereIsNotIsRefused() {
        GpuStatus one = new GpuStatus.Present(List.of(StandIn.GPU), new TreeMap<>());
        assertEquals(StandIn.GPU, CudaDevice.gpu(one, 0));
        DeviceException failure = assertThrows(DeviceException.class, () -> CudaDevice.gpu(one, 1));
        assertEquals(
                "there is no GPU 1: the driver shows 1, counted from 0; choose 0 (Tesla T4)",
                failure.getMessage());
    }
}
