package dev.millrace.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuspectsTest {
    @TempDir private Path folder;

    private Suspects open() throws IOException {
        return new Suspects(Optional.of(folder.resolve("suspects")));
    }

    @Test
    void aSuspectIsOneUntilItIsAnswered() throws IOException {
        open().accuse(Set.of("a", "b"));
        Suspects next = open();
        assertTrue(next.has("a") && next.has("b"));
        assertFalse(next.has("c"));
        next.drop("a");
        next.drop("c");
        Suspects last = open();
        assertFalse(last.has("a"));
        assertTrue(last.has("b"));
        assertEquals(1, last.size());
    }

    @Test
    void theOnlyOneTwiceIsGuilty() throws IOException {
        Suspects suspects = open();
        suspects.accuse(Set.of("a"));
        assertFalse(suspects.isGuilty("a"));
        suspects.accuse(Set.of("a"));
        assertTrue(suspects.isGuilty("a"));
        assertTrue(open().isGuilty("a"));
    }

    @Test
    void oneOfSeveralIsGuiltyTheThirdTime() throws IOException {
        Suspects suspects = open();
        suspects.accuse(Set.of("a", "b"));
        suspects.accuse(Set.of("a", "c"));
        assertFalse(suspects.isGuilty("a"));
        suspects.accuse(Set.of("a", "d"));
        assertTrue(suspects.isGuilty("a"));
        assertFalse(suspects.isGuilty("b"));
    }

    @Test
    void theOldestAreForgotten() throws IOException {
        Suspects suspects = open();
        suspects.accuse(Set.of("first"));
        suspects.accuse(Set.of("kept"));
        for (int i = 0; i < Suspects.MAX - 2; i++) {
            suspects.accuse(Set.of("m" + i));
        }
        suspects.accuse(Set.of("kept"));
        suspects.accuse(Set.of("last"));
        assertEquals(Suspects.MAX, suspects.size());
        assertFalse(suspects.has("first"));
        assertTrue(suspects.has("kept"));
        assertTrue(suspects.has("last"));
    }

    @Test
    void whatIsNoLineOfOursIsLeftOut() throws IOException {
        Files.writeString(folder.resolve("suspects"), "2 a\n\nnonsense\n-1 b\n99999 c\n");
        Suspects suspects = open();
        assertEquals(1, suspects.size());
        assertTrue(suspects.has("a"));
    }

    @Test
    void withoutAFileTheyAreKeptInMemory() throws IOException {
        Suspects suspects = new Suspects(Optional.empty());
        suspects.accuse(Set.of("a"));
        assertTrue(suspects.has("a"));
        suspects.drop("a");
        assertEquals(0, suspects.size());
    }
}
