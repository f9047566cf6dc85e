package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gpu.cuda.GpuProbe;
import dev.millrace.gpu.cuda.GpuStatus;
import dev.millrace.lab.Laboratory;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Where there is no GPU, the commands that need one say so. */
class EngineWithoutGpuTest {
    private static final String COLORS = "src/test/resources/engines/colors";

    @ParameterizedTest
    @ValueSource(strings = {"build", "inspect", "verify", "sweep", "overlap", "reload"})
    void oneLineSaysThatThereIsNoGpu(String command) {
        assumeTrue(GpuProbe.probe() instanceof GpuStatus.Absent, "there is a GPU on this machine");
        StringWriter said = new StringWriter();
        CommandLine commands = Laboratory.commands();
        commands.setErr(new PrintWriter(said, true)).setOut(new PrintWriter(said, true));
        int code = commands.execute("engine", command, COLORS);
        assertEquals(Millrace.MISTAKE, code, said.toString());
        assertEquals(1, said.toString().lines().count(), said.toString());
        assertTrue(said.toString().startsWith("millrace: no GPU: "), said.toString());
    }
}
