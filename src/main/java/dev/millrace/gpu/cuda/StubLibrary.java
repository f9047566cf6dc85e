package dev.millrace.gpu.cuda;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a shared library for x86_64 that has a name, may need other libraries, and holds no code.
 * It satisfies the loader where a library is asked for by name and nothing of it is called; a
 * lookup in it is forwarded to the libraries that it needs. No compiler is involved, since a GPU
 * host may have none.
 */
final class StubLibrary {
    private static final int HEADER = 64;
    private static final int SEGMENT = 56;
    private static final int SEGMENTS = 3;
    private static final int SYMBOL = 24;
    private static final int HASH = 16;
    private static final int ENTRY = 16;

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int READ_WRITE = 6;

    private static final int DT_NULL = 0;
    private static final int DT_NEEDED = 1;
    private static final int DT_HASH = 4;
    private static final int DT_STRTAB = 5;
    private static final int DT_SYMTAB = 6;
    private static final int DT_STRSZ = 10;
    private static final int DT_SYMENT = 11;
    private static final int DT_SONAME = 14;

    private StubLibrary() {}

    /**
     * Writes the library into {@code folder} under its SONAME.
     *
     * @param needed SONAMEs of libraries that lookups go on to
     */
    static Path write(Path folder, String soname, List<String> needed) throws IOException {
        return Files.write(folder.resolve(soname), bytes(soname, needed));
    }

    private static byte[] bytes(String soname, List<String> needed) {
        StringBuilder names = new StringBuilder("\0");
        int sonameAt = add(names, soname);
        int[] neededAt = needed.stream().mapToInt(name -> add(names, name)).toArray();
        byte[] strings = names.toString().getBytes(StandardCharsets.US_ASCII);

        int symbols = HEADER + SEGMENTS * SEGMENT;
        int hash = symbols + SYMBOL;
        int dynamic = hash + HASH;
        int dynamicBytes = (neededAt.length + 7) * ENTRY;
        int text = dynamic + dynamicBytes;
        int size = text + strings.length;

        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        header(file);
        // The loader writes into the dynamic section, so all of the file is mapped writable.
        segment(file, PT_LOAD, 0, size, 4096);
        segment(file, PT_DYNAMIC, dynamic, dynamicBytes, 8);
        // Without this one the loader would want an executable stack.
        segment(file, PT_GNU_STACK, 0, 0, 16);
        // The null symbol is the only one, in a hash table with one empty bucket.
        file.position(hash).putInt(1).putInt(1);
        file.position(dynamic);
        for (int at : neededAt) {
            entry(file, DT_NEEDED, at);
        }
        entry(file, DT_SONAME, sonameAt);
        entry(file, DT_HASH, hash);
        entry(file, DT_STRTAB, text);
        entry(file, DT_SYMTAB, symbols);
        entry(file, DT_STRSZ, strings.length);
        entry(file, DT_SYMENT, SYMBOL);
        entry(file, DT_NULL, 0);
        file.put(strings);
        return file.array();
    }

    private static int add(StringBuilder names, String name) {
        int at = names.length();
        names.append(name).append('\0');
        return at;
    }

    /** An ELF file of 64 bits, little-endian, a shared object for x86_64. */
    private static void header(ByteBuffer file) {
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        file.putShort((short) 3).putShort((short) 62).putInt(1);
        file.putLong(0).putLong(HEADER).putLong(0).putInt(0);
        file.putShort((short) HEADER).putShort((short) SEGMENT).putShort((short) SEGMENTS);
        file.putShort((short) 64).putShort((short) 0).putShort((short) 0);
    }

    private static void segment(ByteBuffer file, int type, long at, long bytes, long alignment) {
        file.putInt(type).putInt(READ_WRITE);
        file.putLong(at).putLong(at).putLong(at).putLong(bytes).putLong(bytes).putLong(alignment);
    }

    private static void entry(ByteBuffer file, long tag, long value) {
        file.putLong(tag).putLong(value);
    }
}
