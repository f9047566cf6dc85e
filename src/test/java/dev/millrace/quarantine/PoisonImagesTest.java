package dev.millrace.quarantine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of images over restarts. */
class PoisonImagesTest {
    private static final byte[] BODY = "an image".getBytes(StandardCharsets.UTF_8);

    @TempDir private Path folder;

    private PoisonImages open(String build) throws IOException {
        return new PoisonImages(Optional.of(folder.resolve("poison")), build);
    }

    @Test
    void theNextProcessOfTheSameBuildKnowsThem() throws IOException {
        open("1").add("caller-a", "safety", BODY);
        assertTrue(open("1").has("caller-a", "safety", BODY));
        assertFalse(open("1").has("caller-a", "objects", BODY));
        assertFalse(open("1").has("caller-b", "safety", BODY));
        assertFalse(open("1").has("caller-a", "safety", new byte[8]));
        assertFalse(open("2").mayHave("caller-a"));
    }

    @Test
    void theNewestAreKept() throws IOException {
        PoisonImages images = new PoisonImages(Optional.empty(), "1");
        for (int i = 0; i <= PoisonImages.MAX; i++) {
            images.add("caller-" + i, "safety", BODY);
        }
        assertFalse(images.mayHave("caller-0"));
        assertTrue(images.mayHave("caller-" + PoisonImages.MAX));
    }

    @Test
    void aChangedModelBeginsAnew() throws IOException {
        PoisonImages images = open("1");
        images.add("caller-a", "safety", BODY);
        images.forget();
        assertFalse(images.mayHave("caller-a"));
        assertFalse(open("1").mayHave("caller-a"));
    }
}
