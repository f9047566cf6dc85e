package dev.millrace.net;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * Takes what has arrived in large pieces from the system, for a client that asks for small ones. It
 * holds a buffer only while there are bytes in it, never while it waits for some, so that many slow
 * connections do not hold many buffers. An answer that waits for memory may leave bytes in one, so
 * there are only so many for all connections; without one it reads as its caller does. Not
 * thread-safe but for {@link #release}, as a socket's stream need not be.
 */
final class BulkInputStream extends InputStream {
    private static final int BUFFER_BYTES = 64 << 10;
    static final int MAX_BUFFERS = 64;
    private static final MpmcAtomicArrayQueue<byte[]> SPARE =
            new MpmcAtomicArrayQueue<>(MAX_BUFFERS);
    private static final AtomicInteger HELD = new AtomicInteger();

    private final InputStream in;
    private final AtomicBoolean holds = new AtomicBoolean();
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
            giveBack(buffer);
        }
        return count;
    }

    /** Does not wait, since there are bytes. Says whether it has some. */
    private boolean fill() throws IOException {
        if (HELD.incrementAndGet() > MAX_BUFFERS) {
            HELD.decrementAndGet();
            return false;
        }
        holds.set(true);
        byte[] spare = Objects.requireNonNullElseGet(SPARE.poll(), () -> new byte[BUFFER_BYTES]);
        position = 0;
        limit = 0;
        buffer = spare;
        try {
            limit = in.read(spare, 0, spare.length);
        } finally {
            if (limit <= 0) {
                giveBack(spare);
            }
        }
        return limit > 0;
    }

    private void giveBack(byte[] empty) {
        buffer = null;
        SPARE.offer(empty);
        release();
    }

    /** After the end of its connection: what it still has in its buffer is for nobody else. */
    void release() {
        if (holds.compareAndSet(true, false)) {
            HELD.decrementAndGet();
        }
    }

    @Override
    public int available() throws IOException {
        return (buffer == null ? 0 : limit - position) + in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
        release();
    }
}
