package dev.millrace.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class JpegMarkersTest {
    private static final long SEED = 20;

    @Test
    void endsAScanWhereALookAtEveryByteDoes() {
        Random random = new Random(SEED);
        for (int i = 0; i < 5_000; i++) {
            byte[] body = scan(random);
            int from = random.nextInt(Math.min(body.length, 40));

            assertEquals(
                    byteByByte(body, from),
                    JpegMarkers.endOfScan(body, from),
                    "seed " + SEED + ", scan " + i);
        }
    }

    /** Up to a few blocks, in which 0xFF, zero and restart markers are more frequent than usual. */
    private static byte[] scan(Random random) {
        byte[] body = new byte[1 + random.nextInt(5_000)];
        random.nextBytes(body);
        int ends = random.nextInt(3);
        for (int at = 0; at < body.length - 1; at++) {
            if (body[at] == (byte) 0xFF) {
                body[at + 1] =
                        switch (random.nextInt(40)) {
                            case 0 -> (byte) (JpegMarkers.RST0 + random.nextInt(8));
                            case 1 -> (byte) 0xFF;
                            case 2 -> (byte) (ends == 0 ? JpegMarkers.EOI : 0);
                            default -> 0;
                        };
            }
        }
        return body;
    }

    private static int byteByByte(byte[] body, int from) {
        for (int at = from; at < body.length - 1; at++) {
            int code = body[at + 1] & 0xFF;
            boolean restart = code >= JpegMarkers.RST0 && code <= JpegMarkers.RST7;
            if (body[at] == (byte) 0xFF && code != 0 && code != 0xFF && !restart) {
                return at;
            }
        }
        return body.length;
    }
}
