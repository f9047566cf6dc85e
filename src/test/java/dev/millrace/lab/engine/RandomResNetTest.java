package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.Sha256;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.bundle.graph.GraphRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model to measure with is the same wherever it is written, and it computes. */
class RandomResNetTest {
    @TempDir private Path folder;

    private String written(String name, long seed) throws Exception {
        RandomResNet.write(folder.resolve(name), seed, 8, 10, 64);
        return Sha256.hex(folder.resolve(name).resolve("model.onnx"));
    }

    @Test
    void aSeedGivesTheSameBytesEverywhere() throws Exception {
        String first = written("a", 7);
        assertEquals("8ef8a086cad78ff2455d37a16bfbe492ad4e545acdf052351a5ee44fa3dfd8dd", first);
        assertEquals(first, written("b", 7));
        assertNotEquals(first, written("c", 8));
    }

    @Test
    void whatIsWrittenIsABundleThatTellsImagesApart() throws Exception {
        written("net", 7);
        Bundle bundle = Bundles.load(folder.resolve("net"), folder.resolve("cache"));
        GraphRun run = GraphRun.onPixels(bundle, Golden.pattern(1, 64, 64), new byte[64 * 64 * 3]);
        double sum = 0;
        for (float score : run.row("output", 0)) {
            sum += score;
        }
        assertEquals(1, sum, 1e-5);
        assertTrue(GraphRun.deviation(run.row("output", 0), run.row("output", 1)) > 1e-4);
    }
}
