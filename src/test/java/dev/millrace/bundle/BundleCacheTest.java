package dev.millrace.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.graph.Bundles;
import dev.millrace.nativelib.CacheFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the cache is used, unless it is damaged, and nobody sees half a file. */
class BundleCacheTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);
    private static final Path COLORS = Golden.TEST_ENGINES.resolve("colors");

    @TempDir private Path folder;

    private Path cache() {
        return folder.resolve("cache");
    }

    @Test
    void aSecondLoadTakesWhatTheFirstOneMade() throws Exception {
        Bundle first = Bundles.load(COLORS, cache());
        Files.setLastModifiedTime(first.onnx(), LONG_AGO);
        assertEquals(first, Bundles.load(COLORS, cache()));
        assertEquals(LONG_AGO, Files.getLastModifiedTime(first.onnx()));
        String hash = first.onnx().getParent().getFileName().toString();
        assertEquals(hash.substring(0, 12), first.spec().version());
    }

    @ParameterizedTest
    @ValueSource(strings = {"flipped", "truncated", "empty", "no model", "no checksum"})
    void whatIsDamagedIsMadeAgain(String damage) throws Exception {
        Path onnx = Bundles.load(COLORS, cache()).onnx();
        byte[] intact = Files.readAllBytes(onnx);
        Path checksum = onnx.resolveSibling("model.onnx.sha256");
        switch (damage) {
            case "flipped" -> {
                byte[] flipped = intact.clone();
                flipped[flipped.length / 2] ^= 1;
                Files.write(onnx, flipped);
            }
            case "truncated" -> Files.write(onnx, List.of("half"));
            case "empty" -> Files.write(onnx, new byte[0]);
            case "no model" -> Files.delete(onnx);
            default -> Files.delete(checksum);
        }
        Bundle again = Bundles.load(COLORS, cache());
        assertArrayEquals(intact, Files.readAllBytes(again.onnx()));
        assertEquals(Sha256.hex(intact) + "  model.onnx\n", Files.readString(checksum));
    }

    @Test
    void layoutAndCommentsMakeNoNewVersionButContentDoes() throws Exception {
        String version = Bundles.load(COLORS, cache()).spec().version();
        Path reordered = Golden.copy(COLORS, folder.resolve("a"), "kind: classifier\n", "# x\n");
        Files.writeString(
                reordered.resolve("model.yaml"),
                Files.readString(reordered.resolve("model.yaml")) + "kind:   classifier\n");
        assertEquals(version, Bundles.load(reordered, cache()).spec().version());
        Path relabelled = Golden.copy(COLORS, folder.resolve("b"), "green", "lime");
        assertNotEquals(version, Bundles.load(relabelled, cache()).spec().version());
        Path named = Golden.copy(COLORS, folder.resolve("c"), "labels:", "version: 1.2\nlabels:");
        assertTrue(Bundles.load(named, cache()).spec().version().matches("1\\.2\\+[0-9a-f]{12}"));
    }

    @Test
    void manyAtOnceAgree() throws Exception {
        int loaders = 8;
        for (int round = 0; round < 10; round++) {
            Path empty = folder.resolve("cache-" + round);
            List<Future<byte[]>> loads = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(loaders)) {
                for (int i = 0; i < loaders; i++) {
                    loads.add(
                            threads.submit(
                                    () -> Files.readAllBytes(Bundles.load(COLORS, empty).onnx())));
                }
            }
            for (Future<byte[]> load : loads) {
                assertArrayEquals(loads.getFirst().get(), load.get());
            }
            try (Stream<Path> files = Files.list(Bundles.load(COLORS, empty).onnx().getParent())) {
                assertEquals(
                        List.of("model.onnx", "model.onnx.sha256"),
                        files.map(file -> file.getFileName().toString()).sorted().toList());
            }
        }
    }

    @Test
    void theDefaultFollowsTheEnvironment() {
        assertEquals(
                Path.of("/a"),
                CacheFolder.of(Map.of("MILLRACE_CACHE", "/a", "XDG_CACHE_HOME", "/b"), "/home/x"));
        assertEquals(
                Path.of("/b/millrace"),
                CacheFolder.of(Map.of("MILLRACE_CACHE", " ", "XDG_CACHE_HOME", "/b"), "/home/x"));
        assertEquals(Path.of("/home/x/.cache/millrace"), CacheFolder.of(Map.of(), "/home/x"));
        // Of a user without a home folder.
        assertEquals(Path.of("/nonexistent/.cache/millrace"), CacheFolder.of(Map.of(), "?"));
    }
}
