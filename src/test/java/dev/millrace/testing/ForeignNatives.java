package dev.millrace.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Finds what a worker on Linux and x86_64 cannot load in the jars of a folder, by the first bytes
 * of each entry; ends with 1 where there is some. It needs nothing but a JDK: {@code java
 * ForeignNatives.java FOLDER...}.
 */
public final class ForeignNatives {
    private static final int ELF = 0x7f454c46;
    private static final int X86_64 = 62;
    private static final int MACHINE = 18;

    private ForeignNatives() {}

    /**
     * @param folders of jars
     */
    public static void main(String... folders) throws IOException {
        boolean clean = true;
        for (String folder : folders) {
            for (String found : in(Path.of(folder))) {
                System.out.println(found);
                clean = false;
            }
        }
        System.exit(clean ? 0 : 1);
    }

    /** One line for each: the jar, the entry and its bytes before compression. */
    public static List<String> in(Path folder) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        }
        List<String> found = new ArrayList<>();
        for (Path jar : jars) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                Enumeration<? extends ZipEntry> entries = zip.entries();
                while (entries.hasMoreElements()) {
                    ZipEntry entry = entries.nextElement();
                    if (!entry.getName().endsWith(".class") && isForeign(head(zip, entry))) {
                        found.add(
                                "%s: %s, %d bytes"
                                        .formatted(
                                                jar.getFileName(),
                                                entry.getName(),
                                                entry.getSize()));
                    }
                }
            }
        }
        return found;
    }

    private static byte[] head(ZipFile zip, ZipEntry entry) throws IOException {
        try (InputStream bytes = zip.getInputStream(entry)) {
            return bytes.readNBytes(MACHINE + 2);
        }
    }

    /** An ELF file of another machine, a Mach-O file or a program of Windows. */
    static boolean isForeign(byte[] head) {
        if (head.length < MACHINE + 2) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.BIG_ENDIAN);
        return switch (bytes.getInt(0)) {
            case ELF -> bytes.order(ByteOrder.LITTLE_ENDIAN).getShort(MACHINE) != X86_64;
            // Of 32 and 64 bits, in both orders, and of several machines.
            case 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe -> true;
            default -> head[0] == 'M' && head[1] == 'Z';
        };
    }
}
