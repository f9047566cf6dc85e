package dev.millrace.nativelib;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.FunctionDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    @Test
    void anObjectOfAnotherLibraryIsDeletedOnce() throws Throwable {
        DynamicLibrary counter = counter();
        NativeLibrary library = NativeLibrary.get();
        long first = newObject(counter);
        long second = newObject(counter);
        assertEquals(0, deletions(counter));
        library.delete(first);
        assertEquals(1, deletions(counter));
        library.delete(second);
        library.delete(0);
        assertEquals(2, deletions(counter));
    }

    private static DynamicLibrary counter() throws MissingLibraryException {
        Path file =
                Path.of(System.getProperty("millrace.fakes", "target/native"), "libfake_counter.so")
                        .toAbsolutePath();
        assumeTrue(Files.exists(file), file + " was not built (no C++ compiler)");
        return DynamicLibrary.open(file.toString());
    }

    private static long newObject(DynamicLibrary counter) throws Throwable {
        return (long)
                counter.bind("fake_new_object", FunctionDescriptor.of(JAVA_LONG)).invokeExact();
    }

    private static int deletions(DynamicLibrary counter) throws Throwable {
        return (int) counter.bind("fake_deletions", FunctionDescriptor.of(JAVA_INT)).invokeExact();
    }

    @Test
    void aBuildWithoutTheLibrarySaysSoInOneLine() {
        String said =
                assertThrows(
                                MissingLibraryException.class,
                                () -> NativeLibrary.load("/dev/millrace/native/none.so"))
                        .getMessage();
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains("not in this build"), said);
    }
}
