package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.ForeignNatives;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What images, archive and bundle are made of: {@code target/lib}. */
class ShippedJarsIT {
    private static final Path LIB = Path.of("target/lib");

    /** Of the 120 MB that an image's own layers may have; the rest is engines and our own jar. */
    private static final long MOST_BYTES = 96_000_000;

    @Test
    void noJarHasTheNativesOfAnotherSystem() throws IOException {
        assertEquals(List.of(), ForeignNatives.in(LIB));
    }

    @Test
    void theJarsLeaveRoomForTheEngines() throws IOException {
        long bytes = 0;
        try (Stream<Path> jars = Files.list(LIB)) {
            for (Path jar : jars.toList()) {
                bytes += Files.size(jar);
            }
        }
        assertTrue(bytes <= MOST_BYTES, bytes + " bytes in " + LIB);
    }

    @Test
    void whatAnotherSystemNeedsIsSeenByItsFirstBytes(@TempDir Path folder) throws IOException {
        try (OutputStream file = Files.newOutputStream(folder.resolve("a.jar"));
                ZipOutputStream jar = new ZipOutputStream(file)) {
            entry(jar, "linux-x64/a.so", elf(62));
            entry(jar, "linux-aarch64/a.so", elf(183));
            entry(jar, "windows/a.dll", bytes('M', 'Z'));
            entry(jar, "macosx/a.dylib", bytes(0xcf, 0xfa, 0xed, 0xfe));
            entry(jar, "A.class", bytes(0xca, 0xfe, 0xba, 0xbe));
            entry(jar, "short", new byte[] {'M', 'Z'});
        }
        assertEquals(
                List.of(
                        "a.jar: linux-aarch64/a.so, 64 bytes",
                        "a.jar: windows/a.dll, 64 bytes",
                        "a.jar: macosx/a.dylib, 64 bytes"),
                ForeignNatives.in(folder));
    }

    private static void entry(ZipOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }

    private static byte[] elf(int machine) {
        byte[] file = bytes(0x7f, 'E', 'L', 'F');
        file[18] = (byte) machine;
        return file;
    }

    private static byte[] bytes(int... first) {
        byte[] file = new byte[64];
        for (int i = 0; i < first.length; i++) {
            file[i] = (byte) first[i];
        }
        return file;
    }
}
