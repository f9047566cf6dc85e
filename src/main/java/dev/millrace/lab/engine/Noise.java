package dev.millrace.lab.engine;

import dev.millrace.job.Rows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * What experiments compute on: noise, the same for each seed. On zeros a processor may draw less
 * power and clock higher, so that figures would be too good.
 */
final class Noise {
    private static final long SEED = 20_250_701;

    private Noise() {}

    /** Fills the input of all rows. */
    static void fill(Rows rows) {
        fill(rows.input().memory().segment(), SEED);
    }

    /** Fills memory of the host with bytes of all values. */
    static void fill(MemorySegment memory, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long whole = memory.byteSize() / Long.BYTES * Long.BYTES;
        for (long at = 0; at < whole; at += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
        }
        for (long at = whole; at < memory.byteSize(); at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        }
    }
}
