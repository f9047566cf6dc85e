package dev.millrace.gpu.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What code for GPUs a library holds, by the headers of the fat binaries in it; the code itself is
 * not read. PTX is compiled by the driver, which refuses a version that is newer than itself.
 *
 * @param ptxMajor of the newest PTX, 9 of 9.1; 0 where there is none
 * @param ptxMinor of the newest PTX, 1 of 9.1
 * @param ptx the architectures that PTX is written for, such as 86
 * @param machine the architectures that there is machine code for
 */
public record DeviceCode(
        int ptxMajor, int ptxMinor, SortedSet<Integer> ptx, SortedSet<Integer> machine) {
    private static final int MAGIC = 0xBA55ED50;
    private static final int HEADER = 16;

    /** Of an entry, up to its architecture. */
    private static final int LEAST_ENTRY = 32;

    private static final int PTX = 1;
    private static final int MACHINE = 2;

    /** PTX 9.0 came with CUDA 13.0, and each version since with the CUDA of its minor version. */
    private static final int FIRST_PTX = 9;

    private static final int CUDA_LESS_PTX = 4;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Reads a library, of which a second is enough for some hundred megabytes. */
    public static DeviceCode of(Path library) throws IOException {
        try (FileChannel channel = FileChannel.open(library);
                Arena arena = Arena.ofConfined()) {
            return new Reader(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena)).read();
        }
    }

    /** The CUDA version that a driver must serve to compile the PTX, where one of 13.0 may not. */
    Optional<String> cuda() {
        return ptxMajor < FIRST_PTX
                ? Optional.empty()
                : Optional.of(ptxMajor + CUDA_LESS_PTX + "." + ptxMinor);
    }

    /** Whether a driver that serves a CUDA version may refuse the PTX. */
    boolean isTooNewFor(String served) {
        return cuda().map(needed -> number(needed) > number(served)).orElse(false);
    }

    private static int number(String version) {
        String[] parts = version.split("\\.");
        return 100 * Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]);
    }

    /** The driver that the PTX needs, for a person. */
    String driver() {
        String cuda = cuda().orElse("13.0");
        return switch (cuda) {
            case "13.0" -> "a driver for CUDA 13.0 (580 or newer)";
            case "13.1" -> "a driver for CUDA 13.1 (590 or newer)";
            default -> "a driver for CUDA " + cuda;
        };
    }

    /** For a person, one line. */
    public String description() {
        String code = "machine code for " + names(machine);
        return ptx.isEmpty()
                ? code
                : "PTX %s.%s for %s, which needs %s; %s"
                        .formatted(ptxMajor, ptxMinor, names(ptx), driver(), code);
    }

    private static String names(SortedSet<Integer> architectures) {
        return architectures.isEmpty()
                ? "none"
                : architectures.stream().map(sm -> "sm_" + sm).collect(Collectors.joining(", "));
    }

    private static final class Reader {
        private final MemorySegment file;
        private final SortedSet<Integer> ptx = new TreeSet<>();
        private final SortedSet<Integer> machine = new TreeSet<>();
        private int newest;

        Reader(MemorySegment file) {
            this.file = file;
        }

        DeviceCode read() {
            long at = 0;
            while (at + HEADER <= file.byteSize()) {
                long end = file.get(INT, at) == MAGIC ? end(at) : 0;
                if (end > 0) {
                    entries(at + HEADER, end);
                }
                at = Math.max(at + 1, end);
            }
            return new DeviceCode(newest >> Short.SIZE, newest & 0xFFFF, ptx, machine);
        }

        /** Where the fat binary ends; 0 where the bytes only look like the beginning of one. */
        private long end(long at) {
            long size = file.get(LONG, at + 8);
            boolean fits = size > 0 && size <= file.byteSize() - at - HEADER;
            return fits && file.get(SHORT, at + 6) == HEADER ? at + HEADER + size : 0;
        }

        private void entries(long first, long end) {
            long at = first;
            while (at + LEAST_ENTRY <= end) {
                int header = file.get(INT, at + 4);
                long size = file.get(LONG, at + 8);
                if (header < LEAST_ENTRY || size < 0 || size > end - at) {
                    return;
                }
                int architecture = file.get(INT, at + 28);
                switch (file.get(SHORT, at)) {
                    case PTX -> {
                        ptx.add(architecture);
                        newest = Math.max(newest, file.get(INT, at + 24));
                    }
                    case MACHINE -> machine.add(architecture);
                    default -> {
                        // Sources and the like.
                    }
                }
                at += header + size;
            }
        }
    }
}
