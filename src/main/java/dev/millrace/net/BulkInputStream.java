package dev.millrace.net;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * Takes what has arrived in large pieces from the system, for a client that asks for small ones. It
 * holds a buffer only while there are bytes in it, never while it waits for some, so that many slow
 * connections do not hold many buffers. Not thread-safe, as a socket's stream need not be.
 */
final class BulkInputStream extends InputStream {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int SPARE_BUFFERS = 32;
    private static final MpmcAtomicArrayQueue<byte[]> SPARE =
            new MpmcAtomicArrayQueue<>(SPARE_BUFFERS);

    private final InputStream in;
    private byte[] buffer;
    private int position;
    private int limit;

    BulkInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (buffer == null && (length >= BUFFER_BYTES || in.available() <= length || !fill())) {
            return in.read(bytes, offset, length);
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(buffer, position, bytes, offset, count);
        position += count;
        if (position == limit) {
            SPARE.offer(buffer);
            buffer = null;
        }
        return count;
    }

    /** Does not wait, since there are bytes. Says whether it has some. */
    private boolean fill() throws IOException {
        byte[] spare = Objects.requireNonNullElseGet(SPARE.poll(), () -> new byte[BUFFER_BYTES]);
        position = 0;
        limit = in.read(spare, 0, spare.length);
        buffer = limit > 0 ? spare : null;
        return limit > 0;
    }

    @Override
    public int available() throws IOException {
        return (buffer == null ? 0 : limit - position) + in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
