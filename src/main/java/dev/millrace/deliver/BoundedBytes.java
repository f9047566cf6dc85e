package dev.millrace.deliver;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Takes bytes up to a limit that moves; what would go beyond it is refused, not kept. */
final class BoundedBytes extends OutputStream {
    private static final int FIRST_BYTES = 1 << 10;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_BYTES);
    private int limit = Integer.MAX_VALUE;
    private boolean full;

    /** Takes no more than {@code more} bytes from now on. */
    void limit(int more) {
        limit = bytes.size() + more;
    }

    void unlimited() {
        limit = Integer.MAX_VALUE;
    }

    @Override
    public void write(int one) throws IOException {
        requireRoom(1);
        bytes.write(one);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        requireRoom(length);
        bytes.write(from, offset, length);
    }

    private void requireRoom(int more) throws IOException {
        if (more > limit - bytes.size()) {
            full = true;
            throw new IOException("it is too large");
        }
    }

    /** Whether something was refused. */
    boolean isFull() {
        return full;
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
