package dev.millrace.image;

import static dev.millrace.image.TestImages.concat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/** Breaks image files: bytes anywhere, cuts, splices, lengths and dimensions. */
public final class Mutator {
    /** Structure lies mostly at the start. */
    private static final int STRUCTURE = 700;

    private static final int[] SIDES = {0, 1, 2, 7, 255, 256, 4096, 8000, 32_767, 65_535};

    private final List<byte[]> originals;
    private final RandomGenerator random;

    public Mutator(List<byte[]> originals, RandomGenerator random) {
        this.originals = originals;
        this.random = random;
    }

    /** One of the originals, broken once or twice. */
    public byte[] next() {
        byte[] body = any().clone();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            body = body.length < 16 ? any().clone() : broken(body);
        }
        return random.nextInt(4) == 0 ? withChecksums(body) : body;
    }

    private byte[] any() {
        return originals.get(random.nextInt(originals.size()));
    }

    private byte[] broken(byte[] body) {
        int within = random.nextBoolean() ? body.length : Math.min(body.length, STRUCTURE);
        int from = random.nextInt(within);
        int to = Math.min(body.length, from + random.nextInt(64));
        return switch (random.nextInt(9)) {
            case 0 -> flipped(body, within);
            case 1 -> {
                body[from] = (byte) random.nextInt();
                yield body;
            }
            case 2 -> Arrays.copyOf(body, 1 + random.nextInt(body.length));
            case 3 -> concat(Arrays.copyOf(body, from), tail(body, to));
            case 4 -> concat(Arrays.copyOf(body, to), tail(body, from));
            case 5 -> {
                byte[] other = any();
                yield concat(Arrays.copyOf(body, from), tail(other, from % other.length));
            }
            case 6 -> extreme(body, within);
            case 7 -> length(body, within);
            default -> dimension(body);
        };
    }

    private static byte[] tail(byte[] body, int from) {
        return Arrays.copyOfRange(body, from, body.length);
    }

    private byte[] flipped(byte[] body, int within) {
        for (int i = 1 + random.nextInt(10); i > 0; i--) {
            body[random.nextInt(within)] ^= (byte) (1 << random.nextInt(8));
        }
        return body;
    }

    /** Some bytes of all ones or all zeros, as a length of any format. */
    private byte[] extreme(byte[] body, int within) {
        int at = random.nextInt(Math.min(within, body.length - 4));
        byte value = (byte) (random.nextBoolean() ? 0xFF : 0);
        Arrays.fill(body, at, at + 1 + random.nextInt(4), value);
        return body;
    }

    /** The field that says how long a segment, chunk or block is, a little or far off. */
    private byte[] length(byte[] body, int within) {
        int start = random.nextInt(within);
        for (int at = start; at < body.length - 8; at++) {
            int field = lengthField(body, at);
            if (field >= 0) {
                int change = random.nextBoolean() ? 1 - 2 * random.nextInt(2) : random.nextInt();
                body[field] += (byte) change;
                return body;
            }
        }
        return extreme(body, within);
    }

    /** The last byte of the length that belongs to the marker or chunk at {@code at}, or -1. */
    private static int lengthField(byte[] body, int at) {
        if ((body[0] & 0xFF) == 0xFF) {
            boolean marker = (body[at] & 0xFF) == 0xFF && (body[at + 1] & 0xFF) >= 0xC0;
            return marker ? at + 3 : -1;
        }
        for (String chunk : List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND")) {
            if (at >= 4 && Bytes.match(body, at, chunk)) {
                return at - 1;
            }
        }
        for (String chunk : List.of("RIFF", "VP8 ", "VP8L", "VP8X", "ALPH")) {
            if (Bytes.match(body, at, chunk)) {
                return at + 4;
            }
        }
        boolean gif = Bytes.match(body, 0, "GIF8") && (body[at] == 0x21 || body[at] == 0x2C);
        return gif ? at + 1 : -1;
    }

    private byte[] dimension(byte[] body) {
        int side =
                random.nextBoolean() ? SIDES[random.nextInt(SIDES.length)] : random.nextInt(1, 300);
        if (Bytes.match(body, 0, Signature.PNG) && body.length > 24) {
            ByteBuffer.wrap(body).putInt(random.nextBoolean() ? 16 : 20, side);
            return withChecksums(body);
        }
        if (Bytes.match(body, 0, "GIF8")) {
            return littleEndian(body, random.nextBoolean() ? 6 : 8, side);
        }
        for (int at = 2; at < body.length - 30; at++) {
            boolean frame = (body[at] & 0xFF) == 0xFF && (body[at + 1] & 0xFC) == 0xC0;
            if ((body[0] & 0xFF) == 0xFF && frame) {
                ByteBuffer.wrap(body).putShort(at + (random.nextBoolean() ? 5 : 7), (short) side);
                return body;
            }
            if (Bytes.match(body, at, "VP8 ")) {
                return littleEndian(body, at + (random.nextBoolean() ? 14 : 16), side);
            }
            if (Bytes.match(body, at, "VP8L")) {
                return littleEndian(body, at + 9, side);
            }
        }
        return body;
    }

    private static byte[] littleEndian(byte[] body, int at, int value) {
        body[at] = (byte) value;
        body[at + 1] = (byte) (value >> 8);
        return body;
    }

    /** The same PNG with right checksums as far as its chunks go, so that libpng reads on. */
    private static byte[] withChecksums(byte[] body) {
        if (!Bytes.match(body, 0, Signature.PNG)) {
            return body;
        }
        int at = PngGate.SIGNATURE_BYTES;
        while (body.length - at >= PngGate.CHUNK_BYTES
                && Bytes.u32be(body, at) <= body.length - at - PngGate.CHUNK_BYTES) {
            int length = (int) Bytes.u32be(body, at);
            CRC32 crc = new CRC32();
            crc.update(body, at + 4, 4 + length);
            ByteBuffer.wrap(body).putInt(at + 8 + length, (int) crc.getValue());
            at += PngGate.CHUNK_BYTES + length;
        }
        return body;
    }
}
