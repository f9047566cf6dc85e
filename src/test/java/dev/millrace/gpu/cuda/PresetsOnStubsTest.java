package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The presets load without cuBLAS, cuDNN and NVRTC, and TensorRT's log arrives in ours. JavaCPP's
 * cache is a folder of the test's own, since it keeps links to libraries of earlier runs.
 */
class PresetsOnStubsTest {
    @TempDir private Path folder;

    @Test
    void thePresetsLoadOnEmptyLibraries() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));
        command.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(PresetsOnStubs.class.getName(), folder.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
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
