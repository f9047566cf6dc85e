package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.bundle.graph.TestModels;
import dev.millrace.gpu.cuda.GpuStandIn;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model whose export has fixed its batch to one image, in a whole worker on stand-ins of NVIDIA's
 * libraries: its plan is for one image, and so is each launch, whatever is asked for.
 */
@WaitsMostly
class FixedBatchIT {
    private static final int MESSAGES = 24;
    private static final Map<String, Color> COLORS =
            new TreeMap<>(Map.of("red", Color.RED, "green", Color.GREEN, "blue", Color.BLUE));

    @TempDir private Path folder;

    private WorkerProcess worker(TestQueue queue, Path bundle) throws Exception {
        List<String> before = new ArrayList<>(List.of("env"));
        GpuStandIn.environment("", "say").forEach((name, value) -> before.add(name + "=" + value));
        String yaml =
                """
                queue: {url: "%s", visibility: 60s, wait: 1s}
                fetch: {allowAddresses: [127.0.0.0/8]}
                callback: {allowAddresses: [127.0.0.0/8]}
                device: {type: cuda}
                drain: {spot: false}
                cache: %s
                models:
                  - {task: areas, bundle: "%s", maxBatch: 4}
                """
                        .formatted(queue.url(), folder.resolve("cache"), bundle);
        return WorkerProcess.startBehind(before, folder, yaml);
    }

    private static byte[] png(Color color) throws Exception {
        BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32; i++) {
            image.setRGB(i % 8, i / 8, color.getRGB());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    @Test
    void aPlanAndEachLaunchAreOfOneImage() throws Exception {
        Path bundle =
                TestModels.write(
                        folder.resolve("areas"),
                        TestModels.bound(1, 4, 8),
                        """
                        kind: segmentation
                        input: {width: 8, height: 4}
                        resize: stretch
                        color: RGB
                        normalize: {}
                        labels: [red, green, blue, ~, ~, ~]
                        outputs: {classes: output}
                        """);
        List<String> colors = List.copyOf(COLORS.keySet());
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback()) {
            List<String> bodies = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                String color = colors.get(i % colors.size());
                String url = loopback.body(color + ".png", png(COLORS.get(color)));
                bodies.add(
                        """
                        {"id": "%d", "url": "%s", "task": "areas", "callback_url": "%s"}"""
                                .formatted(i, url, loopback.sink()));
            }
            queue.send(bodies);
            try (WorkerProcess worker = worker(queue, bundle)) {
                worker.awaitReady();
                loopback.await(MESSAGES, 60);
                for (int i = 0; i < MESSAGES; i++) {
                    JsonNode said = loopback.result("" + i).at("/results/areas");
                    String color = colors.get(i % colors.size());
                    assertEquals(1, said.at("/shares/" + color).asDouble(), said::toString);
                }
                String output = worker.output();
                assertTrue(output.contains("tensorrt: millrace_pixels is 1x4x8x3"), output);
                assertFalse(output.contains("millrace_pixels is 2x4x8x3"), output);
                assertFalse(output.contains("millrace_pixels is 4x4x8x3"), output);
                worker.terminate();
                assertEquals(0, worker.exitCode(25), worker.output());
            }
        }
        JsonNode profiles = new ObjectMapper().readTree(sidecar().toFile()).path("profiles");
        assertEquals(1, profiles.size(), profiles::toString);
        assertEquals(1, profiles.at("/0/minBatch").asInt(), profiles::toString);
        assertEquals(1, profiles.at("/0/maxBatch").asInt(), profiles::toString);
    }

    private Path sidecar() throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            return files.filter(it -> it.toString().endsWith(".plan.json")).findFirst().get();
        }
    }
}
