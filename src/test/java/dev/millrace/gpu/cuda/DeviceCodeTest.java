package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries with the headers of fat binaries, as compilers of NVIDIA's write them. */
class DeviceCodeTest {
    private static final int ENTRY = 80;
    private static final int PAYLOAD = 40;

    @TempDir private Path folder;

    /** A file with PTX of a version for one architecture, and nothing else. */
    static void write(Path file, int major, int minor, int architecture) throws IOException {
        Files.write(file, fatBinary(entry(1, major, minor, architecture)));
    }

    private static byte[] entry(int kind, int major, int minor, int architecture) {
        return ByteBuffer.allocate(ENTRY + PAYLOAD)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(0, (short) kind)
                .putShort(2, (short) 0x101)
                .putInt(4, ENTRY)
                .putLong(8, PAYLOAD)
                .putShort(24, (short) minor)
                .putShort(26, (short) major)
                .putInt(28, architecture)
                .array();
    }

    private static byte[] fatBinary(byte[]... entries) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            all.write(entry);
        }
        return ByteBuffer.allocate(16 + all.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0xBA55ED50)
                .putShort((short) 1)
                .putShort((short) 16)
                .putLong(all.size())
                .put(all.toByteArray())
                .array();
    }

    @Test
    void theNewestPtxAndAllArchitecturesAreRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] noise = new byte[1001];
        new Random(7).nextBytes(noise);
        bytes.write(noise);
        bytes.write(fatBinary(entry(1, 8, 8, 80), entry(2, 1, 8, 90)));
        // Only the beginning of one.
        bytes.write(
                new byte[] {0x50, (byte) 0xED, 0x55, (byte) 0xBA, 1, 0, 16, 0, 1, 1, 1, 1, 1, 1});
        bytes.write(fatBinary(entry(1, 9, 1, 86), entry(2, 1, 8, 120)));
        Path library = Files.write(folder.resolve("libkernels.so.1"), bytes.toByteArray());
        DeviceCode code = DeviceCode.of(library);
        assertEquals(
                "PTX 9.1 for sm_80, sm_86, which needs a driver for CUDA 13.1 (590 or newer);"
                        + " machine code for sm_90, sm_120",
                code.description());
        assertTrue(code.isTooNewFor("13.0"));
        assertFalse(code.isTooNewFor("13.1"));
        assertFalse(code.isTooNewFor("13.2"));
    }

    @Test
    void olderPtxSuitsEveryDriverThatServes() throws IOException {
        Path library = folder.resolve("libkernels.so.1");
        write(library, 8, 8, 80);
        assertFalse(DeviceCode.of(library).isTooNewFor("13.0"));
        Files.writeString(library, "no code for a GPU");
        assertEquals("machine code for none", DeviceCode.of(library).description());
    }
}
