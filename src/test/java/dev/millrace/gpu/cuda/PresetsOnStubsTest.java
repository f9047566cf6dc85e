package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The presets load without cuBLAS, cuDNN and NVRTC, and TensorRT's log arrives in ours. */
class PresetsOnStubsTest {
    @TempDir private Path folder;

    @Test
    void thePresetsLoadOnEmptyLibraries() throws Exception {
        String said = ChildJvm.run(PresetsOnStubs.class, folder, Map.of());
        for (String line :
                List.of(
                        "dimensions: 4, first 8",
                        "stream: 42",
                        "uint8: kUINT8",
                        "last error: what went wrong",
                        "then: ''")) {
            assertTrue(said.lines().anyMatch(line::equals), said + " lacks " + line);
        }
    }
}
