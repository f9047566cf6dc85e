package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended;
import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the stand-ins of CUDA and TensorRT are worth: each mistake that is planted in our code is
 * caught, and the code as it is runs with nothing said.
 */
class GpuFaultsFT {
    /** So many in the plain build. */
    private static final int QUICK = 1;

    private static final String CARDS = "devices=8.6,7.5;compute-millis=5";

    @TempDir private Path folder;

    static Stream<GpuFault> faults() {
        boolean all = Boolean.getBoolean("millrace.faults");
        return GpuFault.ALL.stream().limit(all ? GpuFault.ALL.size() : QUICK);
    }

    private String run(String cuda, String classPath) throws Exception {
        Map<String, String> environment = new TreeMap<>(GpuStandIn.environment(CARDS + cuda, ""));
        return ChildJvm.run(LaneScenario.class, folder, environment, classPath);
    }

    @Test
    void theCodeAsItIsRunsWithNothingSaid() throws Exception {
        String said = run("", System.getProperty("java.class.path"));
        assertEquals(12, said.lines().filter(line -> line.endsWith(": right")).count(), said);
        assertTrue(said.lines().toList().contains("not freed: 0"), said);
        for (String sign : new String[] {"FAULT", "wrong", "refused", "without CUDA graphs"}) {
            assertFalse(said.contains(sign), said);
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aPlantedFaultIsCaught(GpuFault fault) throws Exception {
        String classPath = System.getProperty("java.class.path");
        if (!fault.changes().isEmpty()) {
            Path changed = Undefended.changed(folder.resolve("changed"), fault.changes());
            classPath = changed + File.pathSeparator + classPath;
        }
        String said = run(fault.cuda(), classPath);
        assertTrue(said.contains(fault.caught()), fault + " was not caught:\n" + said);
    }
}
