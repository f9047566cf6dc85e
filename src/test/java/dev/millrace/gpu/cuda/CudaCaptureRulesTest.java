package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What CUDA forbids while a stream is captured, in its stand-in. */
class CudaCaptureRulesTest extends CudaRules {
    @Test
    void aCaptureForbidsWhatWouldWaitAndIsLostByIt() {
        long stream = stream();
        for (Runnable forbidden :
                new Runnable[] {
                    () -> assertEquals(900, call("cudaStreamSynchronize", stream)),
                    () -> assertEquals(900, call("cudaDeviceSynchronize")),
                    () -> assertEquals(900, call("cudaMalloc", arena.allocate(8), 8L)),
                    () -> assertEquals(900, call("cudaStreamQuery", stream))
                }) {
            assertEquals(0, call("cudaStreamBeginCapture", stream, THREAD_LOCAL));
            forbidden.run();
            assertEquals(901, call("cudaStreamEndCapture", stream, arena.allocate(8)));
        }
        assertEquals(900, call("cudaStreamBeginCapture", 0L, THREAD_LOCAL));
        assertEquals(0, call("cudaStreamBeginCapture", stream, THREAD_LOCAL));
        assertEquals(401, call("cudaStreamBeginCapture", stream, THREAD_LOCAL));
        assertEquals(0, onAnotherThread("cudaDeviceSynchronize"), "of this thread alone");
        assertEquals(908, onAnotherThread("cudaStreamEndCapture", stream, arena.allocate(8)));
        assertEquals(0, call("cudaStreamEndCapture", stream, arena.allocate(8)));
    }

    @Test
    void aGlobalCaptureForbidsItToEveryThread() {
        long stream = stream();
        long event = make("cudaEventCreateWithFlags", UNTIMED);
        assertEquals(0, call("cudaStreamBeginCapture", stream, GLOBAL));
        assertEquals(900, onAnotherThread("cudaEventQuery", event));
        assertEquals(901, call("cudaStreamEndCapture", stream, arena.allocate(8)));
    }

    @Test
    void anEventOfACaptureCannotBeWaitedFor() {
        long stream = stream();
        long other = stream();
        long event = make("cudaEventCreateWithFlags", UNTIMED);
        assertEquals(0, call("cudaEventRecord", event, other));
        assertEquals(0, call("cudaStreamBeginCapture", stream, 2));
        assertEquals(905, call("cudaStreamWaitEvent", stream, event, 0), "from outside of it");
        assertEquals(0, call("cudaEventRecord", event, stream));
        assertEquals(907, call("cudaEventQuery", event));
        assertEquals(901, call("cudaStreamEndCapture", stream, arena.allocate(8)));
    }
}
