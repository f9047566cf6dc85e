package dev.millrace.gpu.host;

import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;

/**
 * When the stream's thread came to two points. It writes them, and who reads them has waited for an
 * event behind, which makes them visible.
 */
final class HostTimer implements Timer {
    private final Runnable begin = () -> startNs = System.nanoTime();
    private final Runnable end = () -> endNs = System.nanoTime();
    private long startNs;
    private long endNs;

    @Override
    public void begin(Stream stream) {
        ((HostStream) stream).mark(begin);
    }

    @Override
    public void end(Stream stream) {
        ((HostStream) stream).mark(end);
    }

    @Override
    public long elapsedNs() {
        return endNs - startNs;
    }

    @Override
    public void close() {}
}
