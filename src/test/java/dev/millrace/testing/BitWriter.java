package dev.millrace.testing;

import java.io.ByteArrayOutputStream;

/** Writes codes of several bits, the lowest first, as GIF and lossless WebP have them. */
final class BitWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long pending;
    private int count;

    void put(int code, int size) {
        pending |= (long) code << count;
        count += size;
        while (count >= 8) {
            out.write((int) pending);
            pending >>= 8;
            count -= 8;
        }
    }

    byte[] bytes() {
        if (count > 0) {
            out.write((int) pending);
        }
        return out.toByteArray();
    }
}
