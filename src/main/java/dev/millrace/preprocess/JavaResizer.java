package dev.millrace.preprocess;

import dev.millrace.api.ResizeFilter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Resizes in Java, eight bytes at a time. With the triangle a target row is first summed up from
 * source rows; then the one row that is left is filtered, pixel by pixel. With the cubic filter
 * source rows are filtered and kept, and summed up as often as target rows are made of them.
 *
 * <p>A long holds eight bytes. Two of them, spread over 32 bits each, are multiplied by a weight at
 * once; byte {@code i} goes with byte {@code i + 4}, so there are four planes of sums. Weights may
 * be below 0, so each sum begins so high that it stays above.
 */
final class JavaResizer implements Resizer {
    private static final int WEIGHT_BITS = 14;
    private static final int ONE = 1 << WEIGHT_BITS;
    private static final int PLANES = 4;
    private static final long BYTES = 0x000000FF_000000FFL;
    private static final long ONES = 0x00000001_00000001L;

    /** A half, for rounding, and 256, which makes of values below 0 some below 256. */
    private static final long START = 0x00402000_00402000L;

    private static final long VALUES = 0x000003FF_000003FFL;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[][] sums = new long[PLANES][0];
    private final ResizeFilter filter;
    private byte[] row = {};
    private Arena arena = Arena.ofShared();
    private MemorySegment filtered = MemorySegment.NULL;

    JavaResizer(ResizeFilter filter) {
        this.filter = filter;
    }

    @Override
    public void resize(
            MemorySegment source,
            int width,
            int height,
            long sourceRowBytes,
            Window window,
            MemorySegment target,
            long at,
            long targetRowBytes) {
        AxisFilter columns =
                AxisFilter.of(
                        filter, height, window.fullHeight(), window.top(), window.height(), ONE);
        AxisFilter rows =
                AxisFilter.of(
                        filter, width, window.fullWidth(), window.left(), window.width(), ONE);
        int rowBytes = width * CHANNELS;
        reserve(Math.max(width, window.width()) * CHANNELS);
        if (filter == ResizeFilter.BICUBIC) {
            filterThenSum(
                    source, rowBytes, sourceRowBytes, columns, rows, target, at, targetRowBytes);
            return;
        }
        for (int y = 0; y < window.height(); y++) {
            sumRows(
                    source,
                    columns.first()[y] * sourceRowBytes,
                    sourceRowBytes,
                    rowBytes,
                    columns,
                    y);
            filterRow(rows, target, at + y * targetRowBytes);
        }
    }

    /** Keeps the rows from {@code first} on, and moves them when there is no room for one more. */
    private void filterThenSum(
            MemorySegment source,
            int rowBytes,
            long sourceRowBytes,
            AxisFilter columns,
            AxisFilter rows,
            MemorySegment target,
            long at,
            long targetRowBytes) {
        int most = Arrays.stream(columns.count()).max().getAsInt();
        int keptBytes = rows.first().length * CHANNELS;
        keep(2L * most * keptBytes);
        int first = columns.first()[0];
        int next = first;
        for (int y = 0; y < columns.first().length; y++) {
            int from = columns.first()[y];
            for (; next < from + columns.count()[y]; next++) {
                if (next - first == 2 * most) {
                    long kept = (long) (next - from) * keptBytes;
                    long begin = (long) (from - first) * keptBytes;
                    MemorySegment.copy(filtered, begin, filtered, 0, kept);
                    first = from;
                }
                MemorySegment.copy(
                        source, ValueLayout.JAVA_BYTE, next * sourceRowBytes, row, 0, rowBytes);
                filterRow(rows, filtered, (long) (next - first) * keptBytes);
            }
            sumRows(filtered, (long) (from - first) * keptBytes, keptBytes, keptBytes, columns, y);
            MemorySegment.copy(
                    row, 0, target, ValueLayout.JAVA_BYTE, at + y * targetRowBytes, keptBytes);
        }
    }

    private void keep(long bytes) {
        if (filtered.byteSize() < bytes) {
            arena.close();
            arena = Arena.ofShared();
            filtered = arena.allocate(bytes, Long.BYTES);
        }
    }

    private void reserve(int rowBytes) {
        int longs = rowBytes / Long.BYTES + 1;
        if (row.length < longs * Long.BYTES) {
            Arrays.setAll(sums, plane -> new long[longs]);
            row = new byte[longs * Long.BYTES];
        }
    }

    /** Leaves target row {@code y}, still as wide as the source, in {@link #row}. */
    private void sumRows(
            MemorySegment source,
            long from,
            long sourceRowBytes,
            int rowBytes,
            AxisFilter columns,
            int y) {
        int longs = rowBytes / Long.BYTES;
        int[] weights = columns.weights();
        int weightsAt = y * columns.stride();
        int count = columns.count()[y];
        for (int plane = 0; plane < PLANES; plane++) {
            long[] planeSums = sums[plane];
            int shift = plane * Byte.SIZE;
            Arrays.fill(planeSums, 0, longs + 1, START);
            int k = 0;
            for (; k + 3 < count; k += 4) {
                long at = from + k * sourceRowBytes;
                add4(source, at, sourceRowBytes, longs, planeSums, shift, weights, weightsAt + k);
            }
            for (; k < count; k++) {
                long at = from + k * sourceRowBytes;
                add(source, at, longs, planeSums, shift, weights[weightsAt + k]);
            }
            for (k = 0; k < count; k++) {
                long last = tail(source, from + k * sourceRowBytes, rowBytes);
                planeSums[longs] += (last >>> shift & BYTES) * weights[weightsAt + k];
            }
        }
        putRow(longs);
    }

    private void putRow(int longs) {
        boolean cubic = filter == ResizeFilter.BICUBIC;
        for (int i = 0; i <= longs; i++) {
            long bytes = 0;
            for (int plane = 0; plane < PLANES; plane++) {
                long values = sums[plane][i] >>> WEIGHT_BITS;
                // Only the cubic filter overshoots.
                values = cubic ? asBytes(values & VALUES) : values & BYTES;
                bytes |= values << plane * Byte.SIZE;
            }
            LONGS.set(row, i * Long.BYTES, bytes);
        }
    }

    /** Two values with 256 added, cut to what a byte holds. */
    private static long asBytes(long values) {
        long inside = values >>> 8 & ONES;
        long above = values >>> 9 & ONES;
        return values & (inside << 8) - inside | (above << 8) - above;
    }

    private static void add(
            MemorySegment source, long from, int longs, long[] sums, int shift, long weight) {
        for (int i = 0; i < longs; i++) {
            long bytes = source.get(LONG, from + (long) i * Long.BYTES);
            sums[i] += (bytes >>> shift & BYTES) * weight;
        }
    }

    /** Four rows at once, which loads and stores the sums once instead of four times. */
    private static void add4(
            MemorySegment source,
            long from,
            long rowBytes,
            int longs,
            long[] sums,
            int shift,
            int[] weights,
            int at) {
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
            sums[i] +=
                    (bytes0 >>> shift & BYTES) * weight0
                            + (bytes1 >>> shift & BYTES) * weight1
                            + (bytes2 >>> shift & BYTES) * weight2
                            + (bytes3 >>> shift & BYTES) * weight3;
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
        int half = 1 << WEIGHT_BITS - 1;
        boolean cubic = filter == ResizeFilter.BICUBIC;
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
            first = first + half >> WEIGHT_BITS;
            second = second + half >> WEIGHT_BITS;
            third = third + half >> WEIGHT_BITS;
            if (cubic && (first | second | third) >>> Byte.SIZE != 0) {
                first = Math.clamp(first, 0, 255);
                second = Math.clamp(second, 0, 255);
                third = Math.clamp(third, 0, 255);
            }
            target.set(ValueLayout.JAVA_BYTE, to, (byte) first);
            target.set(ValueLayout.JAVA_BYTE, to + 1, (byte) second);
            target.set(ValueLayout.JAVA_BYTE, to + 2, (byte) third);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
