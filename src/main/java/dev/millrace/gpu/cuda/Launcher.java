package dev.millrace.gpu.cuda;

/** How a batch gets onto the GPU: by a recorded graph, or call by call. */
sealed interface Launcher extends AutoCloseable permits PlainLauncher, GraphLauncher {
    void enqueue(int batch, CudaStream stream);

    @Override
    void close();
}
