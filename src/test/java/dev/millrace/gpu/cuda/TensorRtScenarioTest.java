package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All of the TensorRT side through the real presets, over a stand-in of TensorRT itself. Skipped
 * where there was no compiler to build it.
 */
class TensorRtScenarioTest {
    @TempDir private Path folder;

    private List<String> run(String cuda, String tensorRt) throws Exception {
        Map<String, String> environment = GpuStandIn.environment(cuda, tensorRt);
        return ChildJvm.run(TensorRtScenario.class, folder, environment).lines().toList();
    }

    @Test
    void plansAreBuiltInspectedAndRunAndEverythingIsFreedInOrder() throws Exception {
        List<String> said = run("", "say");
        assertInOrder(
                said,
                "tensorrt: strongly typed",
                "progress: read the model",
                "tensorrt: pool 0 of 1073741824",
                "tensorrt: detailed",
                "tensorrt: profile 0 of pixels is 1x2x2x3",
                "tensorrt: profile 1 of pixels is 8x2x2x3",
                "tensorrt: profile 2 of pixels is 16x2x2x3",
                "tensorrt: timing cache of 0",
                "progress: finish",
                "progress: done",
                "tensorrt: timing cache freed",
                "tensorrt: configuration freed",
                "tensorrt: network freed",
                "tensorrt: builder freed",
                "written: PLAN 10.15.1.29 75 1 8 16 and CACHE",
                "refused: TensorRT cannot read bad.onnx: node 7 (Foo 'n7'): no importer",
                "refused: "
                        + folder.resolve("taken/by.plan")
                        + " cannot be written: java.nio.file.DirectoryNotEmptyException: "
                        + folder.resolve("taken/by.plan"),
                "beside it: [by.plan]",
                "inspected: [Tensor[name=pixels, input=true, type=UINT8, shape=[-1, 2, 2, 3]],"
                        + " Tensor[name=scores, input=false, type=FP32, shape=[-1, 1]]]",
                "inspected: [OptimizationProfile[minBatch=1, optBatch=8, maxBatch=16]]",
                "inspected: [Layer[name=conv, kind=Conv, precision=FP16]]",
                "tensorrt: runtime freed",
                "refused: reading "
                        + folder.resolve("other.plan")
                        + " failed; TensorRT says: IRuntime::deserializeCudaEngine: Error Code 1:"
                        + " Serialization (Serialization assertion magicTagRead == kMAGIC_TAG"
                        + " failed.Magic tag does not match)",
                "graphs: true",
                "tensorrt: pixels is 1x2x2x3",
                "tensorrt: pixels is 2x2x2x3",
                "tensorrt: pixels is 3x2x2x3",
                "tensorrt: pixels is 4x2x2x3",
                "tensorrt: pixels is 6x2x2x3",
                "tensorrt: pixels is 8x2x2x3",
                "tensorrt: pixels is 12x2x2x3",
                "batch of 1: right",
                "refused: a batch of 13 was refused: model takes 1 to 12",
                "tensorrt: context freed",
                "tensorrt: engine freed",
                "tensorrt: runtime freed",
                "graphs: false",
                "tensorrt: pixels is 12x2x2x3",
                "tensorrt: pixels is 1x2x2x3",
                "tensorrt: pixels is 3x2x2x3",
                "tensorrt: context freed",
                "tensorrt: engine freed",
                "tensorrt: runtime freed",
                "tensorrt: context freed",
                "tensorrt: engine freed",
                "tensorrt: runtime freed",
                "refused: setTensorAddress of none failed",
                "not freed: 0",
                "faults: 0");
        assertEquals(12, said.stream().filter(line -> line.endsWith(": right")).count());
        assertFalse(said.contains("not refused"), said::toString);
        assertFalse(said.stream().anyMatch(line -> line.endsWith(": wrong")), said::toString);
    }

    @Test
    void aBatchThatIsRefusedIsNeverTakenForDone() throws Exception {
        List<String> said = run("", "say;refuse");
        String refusal = "enqueueV3 of 12 rows failed; TensorRT says: the batch is refused";
        assertEquals(2, said.stream().filter(("refused: " + refusal)::equals).count());
        assertTrue(
                said.stream().anyMatch(line -> line.contains("model runs without CUDA graphs")),
                said::toString);
        assertFalse(said.stream().anyMatch(line -> line.endsWith(": right")), said::toString);
        // Of a graph, in its place, of an engine without graphs, and one that gets no address.
        String freed = "tensorrt: context freed";
        assertEquals(4, said.stream().filter(freed::equals).count(), said::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cudaGraphUpload", "cudaGraphLaunch"})
    void aGraphThatDoesNotRunShowsBeforeTheFirstBatch(String call) throws Exception {
        List<String> said = run("call-fail=" + call + ":1@3", "");
        assertTrue(
                said.stream()
                        .anyMatch(
                                line ->
                                        line.contains(
                                                "model runs without CUDA graphs: "
                                                        + call
                                                        + " failed: cudaErrorInvalidValue")),
                said::toString);
        assertEquals(12, said.stream().filter(line -> line.endsWith(": right")).count());
        assertTrue(said.containsAll(List.of("not freed: 0", "faults: 0")), said::toString);
    }

    /** What makes a test over the stand-in worth something: it refuses as TensorRT does. */
    @Test
    void theStandInRefusesWhatTensorRtRefuses() throws Exception {
        List<String> said =
                ChildJvm.run(
                                TensorRtRefusals.class,
                                folder,
                                new HashMap<>(GpuStandIn.environment("", "")))
                        .lines()
                        .filter(line -> !line.contains(" ERROR "))
                        .toList();
        String context = "refused: IExecutionContext::";
        List<String> starts =
                List.of(
                        "refused: createInferBuilder: Error Code 6: Internal Error (Unable to load",
                        "reading "
                                + folder.resolve("bad.plan")
                                + " failed; TensorRT says: IRuntime::",
                        "reading "
                                + folder.resolve("bad.plan")
                                + " failed; TensorRT says: IRuntime::",
                        "reading "
                                + folder.resolve("bad.plan")
                                + " failed; TensorRT says: IRuntime::",
                        context
                                + "enqueueV3: Error Code 3: API Usage Error (Parameter check failed",
                        context + "setInputShape: Error Code 3: API Usage Error",
                        context + "setInputShape: Error Code 3: API Usage Error",
                        context + "setInputShape: Error Code 3: API Usage Error",
                        "accepted",
                        context + "enqueueV3: Error Code 3: API Usage Error",
                        context + "setTensorAddress: Error Code 3: API Usage Error",
                        context + "setTensorAddress: Error Code 3: API Usage Error",
                        "accepted",
                        "accepted",
                        context + "enqueueV3: Error Code 3: API Usage Error",
                        context + "setDeviceMemoryV2: Error Code 3: API Usage Error",
                        "accepted");
        assertEquals(starts.size(), said.size(), said::toString);
        for (int i = 0; i < starts.size(); i++) {
            assertTrue(said.get(i).startsWith(starts.get(i)), said.get(i));
        }
        for (String word :
                List.of(
                        "Serialized: 10.14.1.48",
                        "expecting compute 7.5 got compute 8.6",
                        "does not match archive size",
                        "Shape is not set for pixels",
                        "Static dimension mismatch",
                        "maximum dimension in profile is 16",
                        "Address is not set for tensor pixels",
                        "misaligned address of pixels",
                        "No device memory was given")) {
            assertTrue(said.stream().anyMatch(line -> line.contains(word)), word + said);
        }
    }

    private static void assertInOrder(List<String> said, String... lines) {
        List<String> rest = new ArrayList<>(said);
        for (String line : lines) {
            int at = rest.indexOf(line);
            assertTrue(at >= 0, () -> String.join("\n", said) + "\nlacks, in order: " + line);
            rest = rest.subList(at + 1, rest.size());
        }
    }
}
