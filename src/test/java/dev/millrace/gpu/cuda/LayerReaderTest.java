package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler.Layer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On sentences as TensorRT's documentation shows them. */
class LayerReaderTest {
    @Test
    void layersHaveNameKindAndPrecision() {
        assertEquals(
                List.of(
                        new Layer("conv1", "CaskConvolution", "FP16"),
                        new Layer("soft", "SoftMax", "FP32"),
                        new Layer("cast", "Reformat", "FP16"),
                        new Layer("signal", "Signal", "")),
                LayerReader.read(
                        """
                        {"Layers": [
                          {"Name": "conv1", "LayerType": "CaskConvolution",
                           "Outputs": [{"Name": "a", "Format/Datatype": "Channel major FP16 format where channel % 8 == 0"}]},
                          {"Name": "soft", "LayerType": "SoftMax",
                           "Outputs": [{"Name": "b", "Format/Datatype": "Row major linear FP32"}]},
                          {"Name": "cast", "LayerType": "Reformat",
                           "Outputs": [{"Name": "c", "Format/Datatype": "Half"}]},
                          {"Name": "signal", "LayerType": "Signal", "Outputs": []}
                        ], "Bindings": ["pixels", "scores"]}
                        """));
    }

    @Test
    void aPlanWithNamesOnlyHasNames() {
        assertEquals(
                List.of(new Layer("conv1", "", ""), new Layer("soft", "", "")),
                LayerReader.read("{\"Layers\": [\"conv1\", \"soft\"]}"));
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThrows(DeviceException.class, () -> LayerReader.read("{"));
    }
}
