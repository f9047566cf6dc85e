package dev.millrace.nativelib;

import static dev.millrace.nativelib.DynamicLibrary.standard;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Keeps the standard output of a process for what Java writes to it. The JVM's banner of a crash
 * and what native libraries print go to its descriptor, which no flag changes; they come on
 * standard error from then on. Used by any thread.
 */
@SuppressWarnings("restricted") // native access is what this is for
public final class ResultOutput extends OutputStream {
    private static final int STANDARD_OUTPUT = 1;
    private static final int STANDARD_ERROR = 2;
    private static final int BUFFER_BYTES = 1 << 13;

    private static final MethodHandle WRITE =
            standard("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    /** What the descriptor of the process's standard output was when it began. */
    private static volatile OutputStream kept = new FileOutputStream(FileDescriptor.out);

    private final int descriptor;

    // Guarded by this.
    private final MemorySegment buffer = Arena.global().allocate(BUFFER_BYTES);

    private ResultOutput(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Changes {@code System.out} and the descriptor behind it, for the rest of the process. */
    public static void keep() {
        MethodHandle dup = standard("dup", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        MethodHandle dup2 = standard("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        try {
            int own = (int) dup.invokeExact(STANDARD_OUTPUT);
            if (own < 0) {
                // It is closed, and nobody reads what comes there.
                return;
            }
            int _ = (int) dup2.invokeExact(STANDARD_ERROR, STANDARD_OUTPUT);
            kept = new ResultOutput(own);
            System.setOut(new PrintStream(kept, true, System.out.charset()));
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("dup", e);
        }
    }

    /**
     * Keeps it for whoever calls this: what others print with {@code System.out} goes to standard
     * error from then on. A write blocks its thread while nobody reads, and where that is a virtual
     * one its carrier.
     */
    public static OutputStream take() {
        System.setOut(System.err);
        return kept;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) throws IOException {
        int done = 0;
        while (done < count) {
            int some = Math.min(count - done, BUFFER_BYTES);
            MemorySegment.copy(bytes, from + done, buffer, JAVA_BYTE, 0, some);
            done += writeBuffered(some);
        }
    }

    private int writeBuffered(int count) throws IOException {
        long written;
        try {
            written = (long) WRITE.invokeExact(descriptor, buffer, (long) count);
        } catch (Throwable e) {
            throw DynamicLibrary.unexpected("write", e);
        }
        if (written <= 0) {
            throw new IOException("standard output cannot be written");
        }
        return (int) written;
    }
}
