package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BulkInputStreamTest {
    private static final int PIECE = 8192;

    /** Hands out so many bytes as have "arrived", and remembers what it was asked for. */
    private static final class Arriving extends InputStream {
        private final ByteArrayInputStream bytes;
        private final List<Integer> asked = new ArrayList<>();
        private final int arrived;

        Arriving(byte[] bytes, int arrived) {
            this.bytes = new ByteArrayInputStream(bytes);
            this.arrived = arrived;
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            asked.add(length);
            return bytes.read(to, offset, Math.min(length, Math.max(1, arrived)));
        }

        @Override
        public int available() {
            return Math.min(arrived, bytes.available());
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void whatArrivesIsWhatIsRead() throws IOException {
        byte[] sent = random(300_000);
        Random random = new Random(1);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        InputStream in = new BulkInputStream(new Arriving(sent, 50_000));
        byte[] piece = new byte[100_000];
        int read = 0;
        while (read >= 0) {
            got.write(piece, 7, read);
            if (random.nextInt(4) == 0) {
                int one = in.read();
                if (one >= 0) {
                    got.write(one);
                }
            }
            read = in.read(piece, 7, 1 + random.nextInt(random.nextInt(10) == 0 ? 90_000 : 9_000));
        }
        assertArrayEquals(sent, got.toByteArray());
    }

    @Test
    void manySmallPiecesTakeFewCalls() throws IOException {
        Arriving arriving = new Arriving(random(20 * PIECE), Integer.MAX_VALUE);
        byte[] piece = new byte[PIECE];
        try (InputStream in = new BulkInputStream(arriving)) {
            while (in.read(piece, 0, PIECE) > 0) {
                // Only the calls count.
            }
        }
        assertTrue(arriving.asked.size() <= 4, arriving.asked.toString());
    }

    /** Answers that wait for memory hold buffers; the others then do without. */
    @Test
    void thereAreOnlySoManyBuffers() throws IOException {
        List<InputStream> waiting = new ArrayList<>();
        byte[] piece = new byte[PIECE];
        try {
            for (int i = 0; i < BulkInputStream.MAX_BUFFERS; i++) {
                InputStream in = new BulkInputStream(new Arriving(random(3 * PIECE), 1 << 20));
                waiting.add(in);
                in.read(piece, 0, PIECE);
            }
            assertEquals(PIECE, asked(piece), "none is left");
        } finally {
            for (InputStream in : waiting) {
                in.close();
            }
        }
        assertTrue(asked(piece) > PIECE, "they came back");
    }

    /** How much a new stream asks for. */
    private static int asked(byte[] piece) throws IOException {
        Arriving arriving = new Arriving(random(3 * PIECE), 1 << 20);
        try (InputStream in = new BulkInputStream(arriving)) {
            in.read(piece, 0, PIECE);
            return arriving.asked.getFirst();
        }
    }

    /** So that it waits with the caller's array and not with a buffer of its own. */
    @Test
    void whereNothingHasArrivedItAsksForNoMoreThanTheCaller() throws IOException {
        Arriving arriving = new Arriving(random(3 * PIECE), 0);
        InputStream in = new BulkInputStream(arriving);
        byte[] piece = new byte[PIECE];
        for (int i = 0; i < PIECE; i++) {
            assertEquals(1, in.read(piece, 0, PIECE));
        }
        assertTrue(arriving.asked.stream().allMatch(length -> length == PIECE));
    }
}
