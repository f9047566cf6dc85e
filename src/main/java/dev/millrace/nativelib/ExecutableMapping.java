package dev.millrace.nativelib;

import static dev.millrace.nativelib.DynamicLibrary.standard;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Asks the kernel whether code in a file may be executed, in the way that the loader does: it maps
 * the file. A mount with {@code noexec} forbids that, and so may a security module that no list of
 * mounts shows.
 */
@SuppressWarnings("restricted") // native access is what this is for
final class ExecutableMapping {
    private static final int READ_ONLY = 0;
    private static final int READ_AND_EXECUTE = 1 | 4;
    private static final int PRIVATE = 2;
    private static final long FAILED = -1;

    private ExecutableMapping() {}

    /**
     * @param file of a page at least
     */
    static boolean isAllowed(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle open =
                    standard(
                            "open",
                            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                            Linker.Option.firstVariadicArg(2));
            MethodHandle map =
                    standard(
                            "mmap",
                            FunctionDescriptor.of(
                                    ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                                    JAVA_LONG));
            MethodHandle unmap =
                    standard("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
            MethodHandle close = standard("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
            int descriptor = (int) open.invokeExact(arena.allocateFrom(file.toString()), READ_ONLY);
            if (descriptor < 0) {
                return false;
            }
            MemorySegment mapped =
                    (MemorySegment)
                            map.invokeExact(
                                    MemorySegment.NULL,
                                    1L,
                                    READ_AND_EXECUTE,
                                    PRIVATE,
                                    descriptor,
                                    0L);
            boolean allowed = mapped.address() != FAILED;
            if (allowed) {
                int _ = (int) unmap.invokeExact(mapped, 1L);
            }
            int _ = (int) close.invokeExact(descriptor);
            return allowed;
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("mmap", e);
        }
    }
}
