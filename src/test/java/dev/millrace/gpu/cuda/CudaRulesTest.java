package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** The rules of CUDA that its stand-in keeps, without which the other tests would prove less. */
@SuppressWarnings("restricted") // memory of the stand-in is seen
class CudaRulesTest extends CudaRules {
    @Test
    void anErrorOfAKernelShowsAtALaterCallOfAnyThreadAndStays() {
        long stream = stream();
        assertEquals(0, launch(kernel("fault"), stream, 0), "the launch itself is well");
        assertEquals(ILLEGAL_ADDRESS, call("cudaStreamSynchronize", stream));
        assertEquals(ILLEGAL_ADDRESS, onAnotherThread("cudaDeviceSynchronize"));
        assertEquals(ILLEGAL_ADDRESS, call("cudaGetLastError"));
        assertEquals(ILLEGAL_ADDRESS, call("cudaGetLastError"), "it is not taken away");
        assertEquals(ILLEGAL_ADDRESS, call("cudaStreamDestroy", stream));
    }

    @Test
    void anErrorThatDoesNotStickIsTakenOnce() {
        assertEquals(101, call("cudaSetDevice", 7));
        assertEquals(101, call("cudaPeekAtLastError"));
        assertEquals(101, call("cudaGetLastError"));
        assertEquals(0, call("cudaGetLastError"));
    }

    @Test
    void theDefaultStreamZeroesLateAndOthersDoNotWaitForIt() {
        long stream = stream();
        long memory = onDevice(64);
        long host = onHost(64);
        MemorySegment seen = MemorySegment.ofAddress(host).reinterpret(64);
        assertEquals(0, call("cudaMemset", memory, 0, 64L));
        assertEquals(0, call("cudaMemcpyAsync", host, memory, 64L, TO_HOST, stream));
        assertEquals(0, call("cudaStreamSynchronize", stream));
        assertEquals((byte) 0xa5, seen.get(JAVA_BYTE, 0));
        assertEquals(1, standIn.faults());
        assertEquals(0, call("cudaDeviceSynchronize"));
        assertEquals(0, call("cudaMemcpy", host, memory, 64L, TO_HOST));
        assertEquals(0, seen.get(JAVA_BYTE, 0));
    }

    @Test
    void eachThreadHasItsDeviceAndHandlesBelongToTheirs() {
        standIn = new StandIn("devices=7.5,8.6");
        assertEquals(0, call("cudaSetDevice", 1));
        long second = stream();
        long event = make("cudaEventCreateWithFlags", UNTIMED);
        assertEquals(0, call("cudaEventRecord", event, second));
        assertEquals(INVALID_HANDLE, onAnotherThread("cudaStreamBeginCapture", second, 1));
        assertEquals(1, standIn.faults(), "it never chose the second device");
        assertEquals(0, call("cudaSetDevice", 0));
        assertEquals(INVALID_HANDLE, call("cudaEventRecord", event, stream()));
        assertEquals(INVALID_HANDLE, launch(kernel("spin"), second, 0));
    }

    @Test
    void aCopyGoesBetweenWhatItsKindSaysAndStaysInTheBlocks() {
        long stream = stream();
        long memory = onDevice(64);
        long host = onHost(64);
        assertEquals(0, call("cudaMemcpyAsync", memory, host, 64L, TO_DEVICE, stream));
        assertEquals(INVALID_VALUE, call("cudaMemcpyAsync", memory, host, 64L, TO_HOST, stream));
        assertEquals(
                INVALID_VALUE, call("cudaMemcpyAsync", memory, host + 1, 64L, TO_DEVICE, stream));
        assertEquals(INVALID_VALUE, call("cudaMemcpyAsync", memory, host, 65L, 3, stream));
        assertEquals(0, standIn.faults());
        long pageable = arena.allocate(64).address();
        assertEquals(0, call("cudaMemcpyAsync", memory, pageable, 64L, TO_DEVICE, stream));
        assertEquals(1, standIn.faults());
    }

    @Test
    void theMemoryOfACardAddsUp() {
        standIn = new StandIn("memory=4096");
        long first = onDevice(1000);
        assertEquals(4096 - 1024, freeBytes());
        assertEquals(0, first % 256);
        assertEquals(OUT_OF_MEMORY, call("cudaMalloc", arena.allocate(8), 3073L));
        onDevice(3072);
        assertEquals(0, freeBytes());
        assertEquals(0, call("cudaFree", first));
        assertEquals(1024, freeBytes());
        assertEquals(INVALID_VALUE, call("cudaFree", first), "a second time");
        assertEquals(INVALID_VALUE, call("cudaFree", onHost(8)), "memory of the host");
        assertEquals(2, standIn.faults());
        assertEquals(2, standIn.alive());
    }

    @Test
    void whatWasDestroyedIsUsedNoMore() {
        long stream = stream();
        long event = make("cudaEventCreateWithFlags", UNTIMED);
        assertEquals(0, call("cudaEventDestroy", event));
        assertEquals(INVALID_HANDLE, call("cudaEventRecord", event, stream));
        assertEquals(0, call("cudaStreamDestroy", stream));
        assertEquals(INVALID_HANDLE, call("cudaStreamSynchronize", stream));
        assertEquals(2, standIn.faults());
    }

    @Test
    void aKernelOccupiesItsStreamAndEventsHaveTimes() {
        long stream = stream();
        long start = make("cudaEventCreateWithFlags", 0);
        long end = make("cudaEventCreateWithFlags", 0);
        MemorySegment millis = arena.allocate(JAVA_FLOAT);
        assertEquals(0, call("cudaEventRecord", start, stream));
        assertEquals(0, launch(kernel("spin"), stream, SLOW_NS));
        assertEquals(0, call("cudaEventRecord", end, stream));
        assertEquals(NOT_READY, call("cudaStreamQuery", stream));
        assertEquals(NOT_READY, call("cudaEventElapsedTime", millis, start, end));
        assertEquals(0, call("cudaEventSynchronize", end));
        assertEquals(0, call("cudaEventElapsedTime", millis, start, end));
        assertTrue(millis.get(JAVA_FLOAT, 0) >= 300, () -> "" + millis.get(JAVA_FLOAT, 0));
        long untimed = make("cudaEventCreateWithFlags", UNTIMED);
        assertEquals(0, call("cudaEventRecord", untimed, stream));
        assertEquals(INVALID_HANDLE, call("cudaEventElapsedTime", millis, start, untimed));
    }

    @Test
    void ptxOfANewerCudaOrAnotherCardIsRefused() {
        standIn = new StandIn("driver=13000");
        MemorySegment none = MemorySegment.NULL;
        for (Object[] refused :
                new Object[][] {
                    {"9.1", "sm_75", 222}, {"9.0", "sm_80", 209}, {"9.0", "sm_75", 0}
                }) {
            MemorySegment code = arena.allocateFrom(PTX.formatted(refused[0], refused[1]));
            MemorySegment library = arena.allocate(8);
            assertEquals(
                    refused[2],
                    call("cudaLibraryLoadData", library, code, none, none, 0, none, none, 0));
        }
    }

    @Test
    void aComputeHangsFromTheOneOnThatIsNamed() {
        standIn = new StandIn("launch-hang=2");
        long spin = kernel("spin");
        long first = stream();
        long second = stream();
        assertEquals(0, launch(spin, first, 0));
        assertEquals(0, launch(spin, second, 0));
        assertEquals(0, call("cudaStreamSynchronize", first));
        assertEquals(NOT_READY, call("cudaStreamQuery", second));
    }

    @Test
    void twoStreamsThatUseTheSameMemoryHaveAnEventBetweenThem() {
        long one = stream();
        long two = stream();
        long memory = onDevice(64);
        long host = onHost(64);
        long event = make("cudaEventCreateWithFlags", UNTIMED);
        long spin = kernel("spin");
        assertEquals(0, launch(spin, one, SLOW_NS));
        assertEquals(0, call("cudaMemcpyAsync", memory, host, 64L, TO_DEVICE, one));
        assertEquals(0, call("cudaEventRecord", event, one));
        assertEquals(0, call("cudaStreamWaitEvent", two, event, 0));
        assertEquals(0, call("cudaMemcpyAsync", host, memory, 64L, TO_HOST, two));
        assertEquals(0, call("cudaStreamSynchronize", two));
        assertEquals(0, standIn.faults());
        assertEquals(0, launch(spin, one, SLOW_NS));
        assertEquals(0, call("cudaMemcpyAsync", memory, host, 64L, TO_DEVICE, one));
        assertEquals(0, call("cudaMemcpyAsync", host, memory, 64L, TO_HOST, two));
        assertTrue(standIn.faults() > 0);
        assertEquals(0, call("cudaDeviceSynchronize"));
    }

    @Test
    void memoryThatIsFreedWhileWorkUsesItIsToldAndWaitedFor() {
        long stream = stream();
        long memory = onDevice(64);
        long host = onHost(64);
        assertEquals(0, launch(kernel("spin"), stream, SLOW_NS));
        assertEquals(0, call("cudaMemcpyAsync", memory, host, 64L, TO_DEVICE, stream));
        assertEquals(0, call("cudaFree", memory));
        assertEquals(1, standIn.faults());
        assertEquals(0, call("cudaStreamQuery", stream));
    }
}
