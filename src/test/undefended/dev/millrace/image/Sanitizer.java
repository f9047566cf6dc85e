package dev.millrace.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Passes the file on as it is. */
public final class Sanitizer {
    public static final int SPARE_BYTES = 12;

    private Sanitizer() {}

    public static long copyForDecoder(
            byte[] body,
            ImageHeader header,
            int reduction,
            boolean exactly,
            MemorySegment into) {
        MemorySegment.copy(body, 0, into, ValueLayout.JAVA_BYTE, 0, body.length);
        return body.length;
    }
}
