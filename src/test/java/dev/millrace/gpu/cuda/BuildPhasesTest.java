package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildPhasesTest {
    @Test
    void progressOnlyGoesForward() {
        List<String> told = new ArrayList<>();
        BuildPhases phases = new BuildPhases((phase, done) -> told.add(phase + " " + done));
        phases.reached("read the model", 0.05);
        phases.accept("Local timing cache in use.");
        phases.accept("something else");
        phases.accept("Local timing cache in use.");
        phases.accept("Engine generation completed in 12 seconds.");
        phases.accept("Detected 1 inputs and 2 output network tensors.");
        phases.reached("done", 1);
        assertEquals(
                List.of("read the model 0.05", "choose kernels 0.2", "finish 0.9", "done 1.0"),
                told);
    }
}
