package dev.millrace.bundle.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.graph.Bundles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A plan that does not fit is refused by one line that says what differs. */
class PlanMatchTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> LINES = new HashSet<>();

    @TempDir private Path folder;
    private PlanDemand demand;
    private Path plan;
    private Path sidecar;

    @BeforeEach
    void build() throws Exception {
        Bundle bundle =
                Bundles.load(Golden.TEST_ENGINES.resolve("colors"), folder.resolve("cache"));
        demand = Plans.demand(bundle);
        plan = folder.resolve("model.plan");
        sidecar = folder.resolve("model.plan.json");
        new PlanStore(folder.resolve("cache"))
                .build(
                        demand,
                        new Plans(false),
                        new PlanStore.BuildSettings(8, 1 << 20),
                        plan,
                        (phase, done) -> {});
    }

    @Test
    void whatFitsIsNotRefused() {
        assertEquals(Optional.empty(), PlanMatch.refusal(plan, demand));
        assertEquals(Optional.empty(), PlanMatch.warning(plan, demand));
    }

    @Test
    void thePlanSaysWhatItWasBuiltFrom() {
        assertEquals(Optional.of("none"), PlanMatch.builderResource(plan));
        assertEquals(Optional.empty(), PlanMatch.builderResource(plan.resolveSibling("no.plan")));
    }

    /** Name of the difference, pointer into the sidecar, the other value, words of the line. */
    static Stream<Arguments> differences() {
        return Stream.of(
                different("format", "/format", "1", "its format is 1 and this version reads 2"),
                different(
                        "TensorRT major",
                        "/tensorRt",
                        "'11.0.0.1'",
                        "TensorRT major version is 11"),
                different(
                        "TensorRT minor",
                        "/tensorRt",
                        "'10.14.1.29'",
                        "minor version is 10.14.1.29"),
                different(
                        "TensorRT patch",
                        "/tensorRt",
                        "'10.15.2.29'",
                        "patch version is 10.15.2.29"),
                different(
                        "TensorRT build",
                        "/tensorRt",
                        "'10.15.1.30'",
                        "build version is 10.15.1.30"),
                different("CUDA", "/cuda", "'12.9'", "CUDA major version is 12 and must be 13"),
                different(
                        "architecture",
                        "/architecture",
                        "'sm_90'",
                        "GPU architecture is sm_90 (Tesla T4) and must be sm_75 (Tesla T4)"),
                different(
                        "batch too small",
                        "/profiles/0/maxBatch",
                        "4",
                        "largest batch is 4 and must be at least 8"),
                different(
                        "no single image",
                        "/profiles/0/minBatch",
                        "2",
                        "smallest batch is 2 and must be 1"),
                different(
                        "precision", "/precision", "'fp32'", "precision is fp32 and must be fp16"),
                different("conversion", "/conversion", "0", "conversion to fp16 is version 0"),
                different("model", "/onnxSha256", "'ab'", "model.onnx is ab and must be "),
                different(
                        "preprocessing",
                        "/preprocessing",
                        "'graft 2, 8x8'",
                        "preprocessing is graft 2, 8x8 and must be graft 2, 32x32, scale 0.00392"),
                different("unknown field", "/colour", "'red'", "Unrecognized field \"colour\""),
                different("a field without its value", "/cuda", "null", "cuda"));
    }

    private static Arguments different(String name, String pointer, String value, String words) {
        return Arguments.argumentSet(name, pointer, value.replace('\'', '"'), words);
    }

    @ParameterizedTest
    @MethodSource("differences")
    void aDifferenceInTheSidecarIsRefused(String pointer, String value, String words)
            throws Exception {
        ObjectNode root = (ObjectNode) JSON.readTree(sidecar.toFile());
        int last = pointer.lastIndexOf('/');
        JsonNode parent = root.at(pointer.substring(0, last));
        ((ObjectNode) parent).set(pointer.substring(last + 1), JSON.readTree(value));
        JSON.writeValue(sidecar.toFile(), root);
        refused(words);
    }

    private void refused(String words) {
        String line = PlanMatch.refusal(plan, demand).orElse("accepted");
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.contains(words), line);
        assertTrue(line.startsWith(plan.toString()), line);
        assertTrue(
                line.endsWith(
                        "; build it: scripts/millrace engine build"
                                + " src/test/resources/engines/colors --precision fp16 --max-batch"
                                + " 8"),
                line);
        assertTrue(LINES.add(line), "each has a line of its own: " + line);
    }

    @Test
    void aDamagedPlanIsRefused() throws Exception {
        Files.writeString(plan, "half of it");
        refused("content (sha-256) is ");
    }

    @Test
    void aMissingPlanIsRefused() throws Exception {
        Files.delete(plan);
        refused("model.plan: missing");
    }

    @Test
    void aMissingSidecarIsRefused() throws Exception {
        Files.delete(sidecar);
        refused("what this plan is for cannot be used: it is missing");
    }

    @Test
    void aSidecarThatIsNoJsonIsRefused() throws Exception {
        Files.writeString(sidecar, "{\"format\": 1,");
        refused("what this plan is for cannot be used: Unexpected end-of-input");
    }

    @Test
    void anotherGpuOfTheArchitectureIsNamedOnly() throws Exception {
        ObjectNode root = (ObjectNode) JSON.readTree(sidecar.toFile());
        root.put("gpu", "Quadro RTX 4000");
        JSON.writeValue(sidecar.toFile(), root);
        assertEquals(Optional.empty(), PlanMatch.refusal(plan, demand));
        String line = PlanMatch.warning(plan, demand).orElseThrow();
        assertTrue(
                line.contains("was tuned on a Quadro RTX 4000 and now runs on a Tesla T4"), line);
    }

    @Test
    void theSidecarSaysWhatThePlanIsFor() throws Exception {
        Sidecar read = Sidecar.read(sidecar);
        assertEquals("10.15.1.29", read.tensorRt());
        assertEquals("sm_75", read.architecture());
        assertEquals(List.of(8), read.profiles().stream().map(p -> p.maxBatch()).toList());
        assertEquals(demand.bundle().origin().modelSha256(), read.onnxSha256());
    }
}
