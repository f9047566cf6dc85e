package dev.millrace.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.bundle.plan.PlanGraphs;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.testing.RawColors;
import dev.millrace.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was converted to FP16 says the same of every photo that is shipped. */
@Slow
class VerificationTest {
    private static final Path PHOTOS = Path.of("src/main/resources/dev/millrace/verify/photos");
    private static final int BATCH = 4;

    @TempDir private static Path cache;
    @TempDir private Path folder;
    private static final Map<String, byte[]> photos = new TreeMap<>();

    @BeforeAll
    static void read() throws Exception {
        try (Stream<Path> files = Files.list(PHOTOS)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.endsWith(".txt") && !name.endsWith(".md")) {
                    photos.put(name, Files.readAllBytes(file));
                }
            }
        }
    }

    private static Agreement.Report compare(Bundle bundle, Path candidate) {
        HostDevice device = HostDevice.computing(2);
        EngineSource reference = bundle.source(BATCH);
        return Verification.compare(
                bundle,
                new Verification.Side(device, reference),
                new Verification.Side(
                        device,
                        new EngineSource(
                                "candidate",
                                candidate,
                                reference.inputs(),
                                reference.outputs(),
                                BATCH)),
                photos,
                photo -> {});
    }

    /** Both sides say the same, and neither is a probability. */
    @Test
    void aModelWithoutItsSoftmaxIsWarnedOf() throws Exception {
        Bundle bundle = Bundles.load(RawColors.in(folder), cache);
        Agreement.Report report = compare(bundle, bundle.onnx());
        assertTrue(report.passed(), report::toString);
        String last = report.lines().getLast();
        assertTrue(
                last.startsWith("warning: the output 'output' of model 'raw' (outputs.scores"),
                last);
    }

    @ParameterizedTest
    @CsvSource({
        "engines/safety, 0.02",
        "engines/objects, 0",
        "engines/text, 0.1",
        "src/test/resources/engines/colors, 0.02",
        "src/test/resources/engines/random, 0.02",
        "src/test/resources/engines/resnet, 0.02"
    })
    void halfPrecisionAgreesOnEveryPhoto(Path engine, double limit) throws Exception {
        Bundle bundle = Bundles.load(engine, cache);
        Agreement.Report report = compare(bundle, PlanGraphs.rounding(bundle));
        System.out.println(engine + ": " + report.lines());
        assertTrue(report.passed(), report::toString);
        assertEquals(Optional.empty(), report.warning());
        assertEquals(photos.size(), report.photos());
        report.differences().forEach((name, most) -> assertTrue(most <= limit, report::toString));
        if (bundle.spec().kind().equals("classifier")) {
            assertEquals(photos.size(), report.sameTop());
        }
        if (bundle.spec().kind().equals("detector")) {
            assertTrue(report.expected() > 10 && report.matched() == report.expected());
        }
    }

    @Test
    void anotherModelIsNotTakenForTheSame(@TempDir Path folder) throws Exception {
        Path random = Golden.TEST_ENGINES.resolve("random");
        Path brighter =
                Golden.copy(random, folder.resolve("random"), "scale: 1/255", "scale: 1/64");
        Bundle bundle = Bundles.load(random, cache);
        Agreement.Report report = compare(bundle, Bundles.load(brighter, cache).onnx());
        assertFalse(report.passed());
        assertTrue(report.complaints().getFirst().contains("output differs by 0."));
    }
}
