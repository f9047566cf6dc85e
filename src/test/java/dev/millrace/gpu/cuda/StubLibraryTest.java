package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.nativelib.DynamicLibrary;
import dev.millrace.nativelib.MissingLibraryException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StubLibraryTest {
    @TempDir private Path folder;

    @Test
    void anEmptyLibraryLoadsAndHasNothing() throws Exception {
        Path stub = StubLibrary.write(folder, "libmillrace_empty.so.1", List.of());
        DynamicLibrary library = DynamicLibrary.open(stub.toString());
        assertEquals(Optional.empty(), library.find("cuInit"));
    }

    @Test
    void itIsFoundByNameOnceItIsOpen() throws Exception {
        String name = "libmillrace_named.so.1";
        assertThrows(MissingLibraryException.class, () -> DynamicLibrary.open(name));
        Path stub = StubLibrary.write(folder, name, List.of());
        DynamicLibrary.open(stub.toString());
        Files.delete(stub);
        DynamicLibrary.open(name);
    }

    @Test
    void aLookupGoesOnToTheLibrariesThatItNeeds() throws Exception {
        DynamicLibrary counter = Fakes.open("counter");
        Path stub = StubLibrary.write(folder, "libmillrace_on.so", List.of("libfake_counter.so"));
        DynamicLibrary forwarding = DynamicLibrary.open(stub.toString());
        assertTrue(forwarding.find("fake_new_object").isPresent());
        assertEquals(counter.find("fake_new_object"), forwarding.find("fake_new_object"));
    }
}
