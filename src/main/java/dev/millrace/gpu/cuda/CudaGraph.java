package dev.millrace.gpu.cuda;

/**
 * Work that was recorded once and is launched with one call. The addresses and shapes of the
 * recording are frozen in it.
 */
record CudaGraph(CudaDevice device, long executable) implements AutoCloseable {
    /** Records what {@code work} gives to {@code stream}; nothing of it is executed. */
    static CudaGraph capture(CudaDevice device, CudaStream stream, Runnable work) {
        Cuda cuda = device.cuda();
        cuda.streamBeginCapture(stream.handle());
        try {
            work.run();
        } catch (Throwable e) {
            abandon(cuda, stream, e);
            throw e;
        }
        long graph = cuda.streamEndCapture.make(stream.handle());
        try {
            return new CudaGraph(device, cuda.graphInstantiate(graph));
        } finally {
            cuda.graphDestroy.call(graph);
        }
    }

    /** Takes the stream out of recording, whose graph is worth nothing. */
    private static void abandon(Cuda cuda, CudaStream stream, Throwable why) {
        try {
            cuda.graphDestroy.call(cuda.streamEndCapture.make(stream.handle()));
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** Brings it to the GPU now, which its first launch would do otherwise. */
    void upload(CudaStream stream) {
        device.cuda().graphUpload.call(executable, stream.handle());
    }

    void launch(CudaStream stream) {
        device.cuda().graphLaunch.call(executable, stream.handle());
    }

    @Override
    public void close() {
        device.cuda().graphExecDestroy.call(executable);
    }
}
