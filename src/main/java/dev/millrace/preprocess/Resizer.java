package dev.millrace.preprocess;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Resizes {@code uint8 [h, w, 3]} with the triangle filter of {@link AxisFilter}, straight into the
 * target. First the columns are filtered: a target row is a weighted sum of source rows, eight
 * bytes at a time. Then the one row that is left is filtered, pixel by pixel. Rounded to 8 bits
 * after each pass. Used by one thread.
 *
 * <p>A long holds eight bytes; its even and its odd bytes, each spread over 16 bits, are multiplied
 * by a weight at once. The weights of a target row add up to 256, so no sum leaves its 16 bits.
 */
final class Resizer {
    private static final int COLUMN_ONE = 1 << 8;
    private static final int ROW_BITS = 14;
    private static final int CHANNELS = 3;
    private static final long EVEN = 0x00FF00FF00FF00FFL;
    private static final long HALF = 0x0080008000800080L;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long[] even = {};
    private long[] odd = {};
    private byte[] row = {};

    /**
     * A rectangle of the resized image.
     *
     * @param fullWidth pixels that the whole image is resized to
     * @param left of the rectangle in the resized image
     */
    record Window(int fullWidth, int fullHeight, int left, int top, int width, int height) {
        static Window whole(int width, int height) {
            return new Window(width, height, 0, 0, width, height);
        }
    }

    /**
     * @param source {@code sourceRowBytes} from one row of pixels to the next
     * @param at byte of {@code target} at which the window's first pixel is written
     * @param targetRowBytes from one row of pixels to the next
     */
    void resize(
            MemorySegment source,
            int width,
            int height,
            long sourceRowBytes,
            Window window,
            MemorySegment target,
            long at,
            long targetRowBytes) {
        AxisFilter columns =
                AxisFilter.of(height, window.fullHeight, window.top, window.height, COLUMN_ONE);
        AxisFilter rows =
                AxisFilter.of(width, window.fullWidth, window.left, window.width, 1 << ROW_BITS);
        int rowBytes = width * CHANNELS;
        reserve(rowBytes);
        for (int y = 0; y < window.height; y++) {
            sumRows(source, sourceRowBytes, rowBytes, columns, y);
            filterRow(rows, target, at + y * targetRowBytes);
        }
    }

    private void reserve(int rowBytes) {
        int longs = rowBytes / Long.BYTES + 1;
        if (even.length < longs) {
            even = new long[longs];
            odd = new long[longs];
            row = new byte[longs * Long.BYTES];
        }
    }

    /** Leaves target row {@code y}, still as wide as the source, in {@link #row}. */
    private void sumRows(
            MemorySegment source, long sourceRowBytes, int rowBytes, AxisFilter columns, int y) {
        int longs = rowBytes / Long.BYTES;
        Arrays.fill(even, 0, longs + 1, HALF);
        Arrays.fill(odd, 0, longs + 1, HALF);
        int weightsAt = y * columns.stride();
        int[] weights = columns.weights();
        int count = columns.count()[y];
        long from = columns.first()[y] * sourceRowBytes;
        int k = 0;
        for (; k + 3 < count; k += 4) {
            add4(source, from + k * sourceRowBytes, sourceRowBytes, longs, weights, weightsAt + k);
        }
        for (; k < count; k++) {
            add(source, from + k * sourceRowBytes, longs, weights[weightsAt + k]);
        }
        for (k = 0; k < count; k++) {
            long last = tail(source, from + k * sourceRowBytes, rowBytes);
            even[longs] += (last & EVEN) * weights[weightsAt + k];
            odd[longs] += (last >>> 8 & EVEN) * weights[weightsAt + k];
        }
        for (int i = 0; i <= longs; i++) {
            LONGS.set(row, i * Long.BYTES, even[i] >>> 8 & EVEN | odd[i] & ~EVEN);
        }
    }

    private void add(MemorySegment source, long from, int longs, long weight) {
        long[] evenSums = even;
        long[] oddSums = odd;
        for (int i = 0; i < longs; i++) {
            long bytes = source.get(LONG, from + (long) i * Long.BYTES);
            evenSums[i] += (bytes & EVEN) * weight;
            oddSums[i] += (bytes >>> 8 & EVEN) * weight;
        }
    }

    /** Four rows at once, which loads and stores the sums once instead of four times. */
    private void add4(
            MemorySegment source, long from, long rowBytes, int longs, int[] weights, int at) {
        long[] evenSums = even;
        long[] oddSums = odd;
        long weight0 = weights[at];
        long weight1 = weights[at + 1];
        long weight2 = weights[at + 2];
        long weight3 = weights[at + 3];
        for (int i = 0; i < longs; i++) {
            long offset = from + (long) i * Long.BYTES;
            long bytes0 = source.get(LONG, offset);
            long bytes1 = source.get(LONG, offset + rowBytes);
            long bytes2 = source.get(LONG, offset + 2 * rowBytes);
            long bytes3 = source.get(LONG, offset + 3 * rowBytes);
            evenSums[i] +=
                    (bytes0 & EVEN) * weight0
                            + (bytes1 & EVEN) * weight1
                            + (bytes2 & EVEN) * weight2
                            + (bytes3 & EVEN) * weight3;
            oddSums[i] +=
                    (bytes0 >>> 8 & EVEN) * weight0
                            + (bytes1 >>> 8 & EVEN) * weight1
                            + (bytes2 >>> 8 & EVEN) * weight2
                            + (bytes3 >>> 8 & EVEN) * weight3;
        }
    }

    /** The bytes of a row behind its last whole long; reads nothing behind the row. */
    private static long tail(MemorySegment source, long from, int rowBytes) {
        long bytes = 0;
        int whole = rowBytes / Long.BYTES * Long.BYTES;
        for (int i = rowBytes - 1; i >= whole; i--) {
            bytes = bytes << 8 | Byte.toUnsignedLong(source.get(ValueLayout.JAVA_BYTE, from + i));
        }
        return bytes;
    }

    private void filterRow(AxisFilter rows, MemorySegment target, long at) {
        byte[] from = row;
        int[] weights = rows.weights();
        int half = 1 << ROW_BITS - 1;
        for (int x = 0; x < rows.first().length; x++) {
            int first = 0;
            int second = 0;
            int third = 0;
            int weightsAt = x * rows.stride();
            int pixel = rows.first()[x] * CHANNELS;
            int count = rows.count()[x];
            for (int k = 0; k < count; k++) {
                int weight = weights[weightsAt + k];
                first += weight * (from[pixel] & 0xFF);
                second += weight * (from[pixel + 1] & 0xFF);
                third += weight * (from[pixel + 2] & 0xFF);
                pixel += CHANNELS;
            }
            long to = at + (long) x * CHANNELS;
            target.set(ValueLayout.JAVA_BYTE, to, (byte) (first + half >> ROW_BITS));
            target.set(ValueLayout.JAVA_BYTE, to + 1, (byte) (second + half >> ROW_BITS));
            target.set(ValueLayout.JAVA_BYTE, to + 2, (byte) (third + half >> ROW_BITS));
        }
    }
}
