package dev.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * JPEGs put together by hand. Their tables have one code, of a bit that is zero: no difference of a
 * block's mean, and no coefficient more in it. So a baseline block takes two bits, and what is
 * decoded is gray.
 */
final class JpegParts {
    private JpegParts() {}

    /**
     * @param frame the marker of the frame
     * @param rest what follows the frame: scans, or other segments before them
     */
    static byte[] jpeg(int frame, int width, int height, int components, byte[]... rest) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD8});
        ByteBuffer values = ByteBuffer.allocate(65);
        for (int i = 1; i < 65; i++) {
            values.put(i, (byte) 1);
        }
        all.writeBytes(segment(0xDB, values.array()));
        for (int kind : new int[] {0x00, 0x10}) {
            all.writeBytes(
                    segment(
                            0xC4,
                            ByteBuffer.allocate(18).put(0, (byte) kind).put(1, (byte) 1).array()));
        }
        ByteBuffer header = ByteBuffer.allocate(6 + 3 * components);
        header.put((byte) 8).putShort((short) height).putShort((short) width);
        header.put((byte) components);
        for (int i = 1; i <= components; i++) {
            header.put((byte) i).put((byte) 0x11).put((byte) 0);
        }
        all.writeBytes(segment(frame, header.array()));
        for (byte[] part : rest) {
            all.writeBytes(part);
        }
        all.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD9});
        return all.toByteArray();
    }

    /** A scan of the first components, from one coefficient to another. */
    static byte[] scan(int components, int first, int last, byte[] data) {
        ByteBuffer header = ByteBuffer.allocate(4 + 2 * components).put((byte) components);
        for (int i = 1; i <= components; i++) {
            header.put((byte) i).put((byte) 0);
        }
        byte[] segment = segment(0xDA, header.put((byte) first).put((byte) last).array());
        return ByteBuffer.allocate(segment.length + data.length).put(segment).put(data).array();
    }

    static byte[] segment(int marker, byte[] data) {
        return ByteBuffer.allocate(4 + data.length)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (2 + data.length))
                .put(data)
                .array();
    }

    /** Of one component in full. */
    static int blocks(int width, int height) {
        return Math.ceilDiv(width, 8) * Math.ceilDiv(height, 8);
    }
}
