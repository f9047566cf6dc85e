package dev.millrace.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The keys of images that are done or in flight, as a hash table of 128 bits of each key's SHA-256.
 * A large table is a file that is mapped into memory, so that tens of millions of keys take none of
 * the heap; the file has no name any more once it is open, and goes with the process. Used by one
 * thread at a time.
 */
final class DoneKeys implements AutoCloseable {
    private static final long FIRST_SLOTS = 1 << 10;

    /** Of 1 MiB; a larger table is a file. */
    private static final long MAX_SLOTS_ON_HEAP = 1 << 16;

    private static final int SLOT_BYTES = 16;

    private final MessageDigest digest;
    private final Path folder;
    private Arena arena = Arena.ofShared();

    /** Two numbers for each slot; an empty slot has zeros. */
    private MemorySegment slots = onHeap(FIRST_SLOTS);

    private long size;

    /**
     * @param folder for the file of a large table
     */
    DoneKeys(Path folder) {
        this.folder = folder;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Adds a key; says whether it was not there.
     *
     * @throws UncheckedIOException where there is no room for the file of a large table
     */
    boolean add(String key) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
        // Never zero.
        boolean isNew = add(slots, hash.getLong() | 1, hash.getLong());
        if (isNew && ++size > slotsOf(slots) * 3 / 4) {
            grow();
        }
        return isNew;
    }

    private static long slotsOf(MemorySegment table) {
        return table.byteSize() / SLOT_BYTES;
    }

    private static boolean add(MemorySegment table, long high, long low) {
        long mask = slotsOf(table) - 1;
        for (long slot = low & mask; ; slot = slot + 1 & mask) {
            long there = table.get(ValueLayout.JAVA_LONG, slot * SLOT_BYTES);
            if (there == 0) {
                table.set(ValueLayout.JAVA_LONG, slot * SLOT_BYTES, high);
                table.set(ValueLayout.JAVA_LONG, slot * SLOT_BYTES + Long.BYTES, low);
                return true;
            }
            if (there == high
                    && table.get(ValueLayout.JAVA_LONG, slot * SLOT_BYTES + Long.BYTES) == low) {
                return false;
            }
        }
    }

    private void grow() {
        long count = 2 * slotsOf(slots);
        Arena next = Arena.ofShared();
        MemorySegment more;
        try {
            more = count > MAX_SLOTS_ON_HEAP ? inFile(count, next) : onHeap(count);
        } catch (IOException e) {
            next.close();
            throw new UncheckedIOException(
                    "there is no room in '%s' for a file of %d MiB that holds what is done"
                            .formatted(folder, count * SLOT_BYTES >> 20),
                    e);
        }
        for (long slot = 0; slot < slotsOf(slots); slot++) {
            long high = slots.get(ValueLayout.JAVA_LONG, slot * SLOT_BYTES);
            if (high != 0) {
                add(more, high, slots.get(ValueLayout.JAVA_LONG, slot * SLOT_BYTES + Long.BYTES));
            }
        }
        slots = more;
        arena.close();
        arena = next;
    }

    private static MemorySegment onHeap(long count) {
        return MemorySegment.ofArray(new long[Math.toIntExact(2 * count)]);
    }

    private MemorySegment inFile(long count, Arena owner) throws IOException {
        Path file = Files.createTempFile(folder, ".millrace-done-", ".tmp");
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            // Written and not only extended: a disk that is full would else end the process later.
            ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
            for (long left = count * SLOT_BYTES; left > 0; left -= zeros.capacity()) {
                zeros.clear();
                while (zeros.hasRemaining()) {
                    channel.write(zeros);
                }
            }
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, count * SLOT_BYTES, owner);
        }
    }

    long size() {
        return size;
    }

    @Override
    public void close() {
        arena.close();
    }
}
