package dev.millrace.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Photos;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** The image files of the tests, and builders for those that are easier built than stored. */
public final class TestImages {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TestImages() {}

    public static byte[] hostile(String name) {
        return resource("/hostile/" + name);
    }

    public static byte[] photo(String name) {
        return resource("/dev/millrace/verify/photos/" + name);
    }

    /** A progressive JPEG of another encoder than those that the tests have. */
    public static byte[] progressive(String name) {
        return resource("/progressive/" + name);
    }

    public static List<JsonNode> hostileManifest() {
        try {
            return JSON.readTree(hostile("manifest.json")).get("files").valueStream().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The manifest's photos in the formats that are read. */
    public static List<JsonNode> photos() {
        return Photos.manifest();
    }

    private static byte[] resource(String name) {
        try (InputStream in = TestImages.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] pngChunk(String type, byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(bytes(type));
        crc.update(data);
        return ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(bytes(type))
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }

    public static byte[] pngHeader(int width, int height, int bits, int colourType) {
        return concat(
                bytes(Signature.PNG),
                pngChunk(
                        "IHDR",
                        ByteBuffer.allocate(13)
                                .putInt(width)
                                .putInt(height)
                                .put((byte) bits)
                                .put((byte) colourType)
                                .array()));
    }

    public static byte[] riffChunk(String type, byte[] data) {
        return ByteBuffer.allocate(8 + data.length + (data.length & 1))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(bytes(type))
                .putInt(data.length)
                .put(data)
                .array();
    }

    public static byte[] webp(byte[]... chunks) {
        return riffChunk("RIFF", concat(bytes("WEBP"), concat(chunks)));
    }

    /** The header chunk of an extended WebP of up to 65,536 pixels a side. */
    public static byte[] vp8x(int flags, int width, int height) {
        return riffChunk(
                "VP8X",
                concat(new byte[] {(byte) flags, 0, 0, 0}, u24le(width - 1), u24le(height - 1)));
    }

    /** A frame of an animated WebP. */
    public static byte[] anmf(int x, int y, int width, int height, byte[]... chunks) {
        return riffChunk(
                "ANMF",
                concat(
                        u24le(x / 2),
                        u24le(y / 2),
                        u24le(width - 1),
                        u24le(height - 1),
                        new byte[] {100, 0, 0, 0},
                        concat(chunks)));
    }

    public static byte[] u24le(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16)};
    }

    /** A JPEG segment with its marker and length. */
    public static byte[] jpegSegment(int marker, byte[] data) {
        return ByteBuffer.allocate(4 + data.length)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (2 + data.length))
                .put(data)
                .array();
    }

    /** The same JPEG with a segment put right behind its start. */
    public static byte[] withSegment(byte[] jpeg, byte[] segment) {
        return concat(
                new byte[] {(byte) 0xFF, (byte) 0xD8},
                segment,
                Arrays.copyOfRange(jpeg, 2, jpeg.length));
    }
}
