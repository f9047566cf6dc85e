package dev.millrace.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The keys of images that are done or on their way, by 128 bits of a hash each, so that millions
 * fit into a small heap. Used by one thread at a time.
 */
final class DoneKeys {
    private static final int FIRST_SLOTS = 1 << 10;

    private final MessageDigest digest;

    /** Two for each slot; an empty slot has zeros. */
    private long[] slots = new long[2 * FIRST_SLOTS];

    private int size;

    DoneKeys() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds a key; says whether it was not there. */
    boolean add(String key) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
        // Never zero.
        boolean isNew = add(slots, hash.getLong() | 1, hash.getLong());
        if (isNew && ++size > slots.length / 4) {
            grow();
        }
        return isNew;
    }

    private static boolean add(long[] slots, long high, long low) {
        int mask = slots.length / 2 - 1;
        for (int slot = (int) low & mask; ; slot = slot + 1 & mask) {
            if (slots[2 * slot] == 0) {
                slots[2 * slot] = high;
                slots[2 * slot + 1] = low;
                return true;
            }
            if (slots[2 * slot] == high && slots[2 * slot + 1] == low) {
                return false;
            }
        }
    }

    private void grow() {
        long[] more = new long[2 * slots.length];
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != 0) {
                add(more, slots[i], slots[i + 1]);
            }
        }
        slots = more;
    }

    int size() {
        return size;
    }
}
