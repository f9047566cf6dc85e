package dev.millrace.quarantine;

import dev.millrace.job.NativeGuard;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A mapped file with one record per thread: the message whose image native code sees now. What is
 * written to mapped memory is the kernel's, so it survives the process however that ends. Owns the
 * file; the guards are for one thread each.
 */
public final class CrashJournal implements AutoCloseable {
    static final int RECORDS = 1024;
    private static final int RECORD_BYTES = 128;
    private static final int TEXT = Integer.BYTES;

    /** SQS has ids of 36 characters; of a longer one this much tells it apart. */
    static final int MAX_ID = RECORD_BYTES - TEXT;

    private static final VarHandle LENGTH = ValueLayout.JAVA_INT.varHandle();

    private final Arena arena = Arena.ofShared();
    private final MemorySegment records;
    private final BitSet taken = new BitSet(RECORDS);
    private final Set<String> left;

    /** Opens or creates the file; what it held stays there until {@link #clear}. */
    public CrashJournal(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            ByteBuffer content = read(channel);
            this.left = ids(content);
            // Its blocks must exist: a write to a mapped hole faults when the disk is full.
            channel.write(content.clear(), 0);
            this.records =
                    channel.map(
                            FileChannel.MapMode.READ_WRITE,
                            0,
                            (long) RECORDS * RECORD_BYTES,
                            arena);
        }
    }

    private static ByteBuffer read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(RECORDS * RECORD_BYTES);
        int read = 0;
        while (read >= 0 && bytes.hasRemaining()) {
            read = channel.read(bytes, bytes.position());
        }
        return bytes;
    }

    private static Set<String> ids(ByteBuffer bytes) {
        // As the segment writes it.
        bytes.order(ByteOrder.nativeOrder());
        Set<String> ids = new LinkedHashSet<>();
        for (int record = 0; record < bytes.capacity(); record += RECORD_BYTES) {
            int length = bytes.getInt(record);
            if (length > 0 && length <= MAX_ID) {
                ids.add(
                        new String(
                                bytes.array(), record + TEXT, length, StandardCharsets.ISO_8859_1));
            }
        }
        return ids;
    }

    /** The messages that native code had when the process before this one ended. */
    public Set<String> left() {
        return left;
    }

    /** Forgets what {@link #left} tells, once somebody else remembers it; before any guard. */
    public void clear() {
        records.fill((byte) 0);
    }

    /** As a record holds it. */
    static String key(String messageId) {
        return messageId.length() > MAX_ID ? messageId.substring(0, MAX_ID) : messageId;
    }

    /** A record for one thread, until it is closed. */
    public synchronized NativeGuard guard() {
        int record = taken.nextClearBit(0);
        if (record >= RECORDS) {
            throw new IllegalStateException(
                    "more than " + RECORDS + " threads decode; lower preprocess.threads");
        }
        taken.set(record);
        return new Guard(record);
    }

    private synchronized void free(int record) {
        taken.clear(record);
    }

    /** Neither method allocates or calls the system. */
    private final class Guard implements NativeGuard {
        private final int record;
        private final long at;

        Guard(int record) {
            this.record = record;
            this.at = (long) record * RECORD_BYTES;
        }

        @Override
        public void enter(String messageId) {
            int length = Math.min(messageId.length(), MAX_ID);
            for (int i = 0; i < length; i++) {
                records.set(ValueLayout.JAVA_BYTE, at + TEXT + i, (byte) messageId.charAt(i));
            }
            LENGTH.setRelease(records, at, length);
        }

        @Override
        public void leave() {
            LENGTH.setRelease(records, at, 0);
        }

        @Override
        public void close() {
            leave();
            free(record);
        }
    }

    /** The guards must be closed before. */
    @Override
    public void close() {
        arena.close();
    }
}
