package dev.millrace.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoneKeysTest {
    /** More than are kept on the heap. */
    private static final int MANY = 300_000;

    @TempDir private Path folder;

    @Test
    void eachKeyIsNewOnceAlsoInATableThatIsAFile() throws IOException {
        try (DoneKeys keys = new DoneKeys(folder)) {
            for (int i = 0; i < MANY; i++) {
                assertTrue(keys.add("photos/" + i + ".jpg"));
            }
            for (int i = 0; i < MANY; i += 7) {
                assertFalse(keys.add("photos/" + i + ".jpg"));
            }
            assertEquals(MANY, keys.size());
            try (Stream<Path> left = Files.list(folder)) {
                assertEquals(0, left.count(), "the file has no name once it is open");
            }
        }
    }

    @Test
    void aFolderWithoutRoomIsNamed() {
        try (DoneKeys keys = new DoneKeys(folder.resolve("none"))) {
            UncheckedIOException e =
                    assertThrows(
                            UncheckedIOException.class,
                            () -> {
                                for (int i = 0; i < MANY; i++) {
                                    keys.add("" + i);
                                }
                            });
            assertTrue(e.getMessage().contains(folder.resolve("none").toString()), e.getMessage());
        }
    }
}
