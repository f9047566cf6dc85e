package dev.millrace.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.gpu.cuda.GpuStandIn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code gpu-check.sh} from its first line to its report, with the real Millrace over stand-ins of
 * the driver, CUDA and TensorRT. It takes minutes and is run by its name.
 */
class GpuCheckOnStandIns {
    /** What a loaded machine decides and not the check: shares of rates that no GPU has. */
    private static final Set<String> RATES =
            Set.of("streams", "overlap, graphs", "overlap, plain", "overlap, ResNet-50");

    private static final int MINUTES = 15;

    /** The last word for the stand-in of TensorRT: it has nothing to compute with then. */
    private static final String MADE_UP = "made-up";

    @TempDir private Path folder;
    private Path home;

    @BeforeEach
    void bundle() throws Exception {
        home = folder.resolve("bundle");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("scripts"));
        Files.createDirectories(folder.resolve("host"));
        for (String engine : List.of("safety", "objects", "text")) {
            Path copy = Files.createDirectories(home.resolve("engines").resolve(engine));
            for (String file : List.of("model.onnx", "model.yaml")) {
                Files.copy(Path.of("engines", engine, file), copy.resolve(file));
            }
        }
        Files.copy(Path.of("scripts/gpu-check.sh"), home.resolve("scripts/gpu-check.sh"));
        Files.writeString(home.resolve("CONTENTS"), "Millrace of a test\n");
        program(
                home.resolve("bin/jvm"),
                "exec %s %s -Xmx512m -XX:+UseSerialGC -Dmillrace.home=%s -cp '%s' \"$@\"\n"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                System.getProperty("millrace.flags")
                                        .strip()
                                        .replaceAll("\\s+", " "),
                                home,
                                classPath()));
        program(
                home.resolve("bin/millrace"),
                "exec \"$(dirname \"$0\")/jvm\" dev.millrace.lab.Laboratory \"$@\"\n");
        program(
                folder.resolve("host/nvidia-smi"),
                "echo 'Tesla T4, 7.5, 580.95.05, 15360 MiB, 300 MHz, 1590 MHz, 405 MHz, 9.80 W, 70.00 W,"
                        + " 31, 1, 3, 8, 16, [N/A], Enabled'\n");
        program(
                folder.resolve("host/compute-sanitizer"),
                """
                while [ "${1#--}" != "$1" ]; do shift 2; done
                "$@"
                echo "========= ERROR SUMMARY: 0 errors"
                """);
    }

    /** The test's own, and JUnit's console where a bundle has been made on this machine. */
    private static String classPath() throws Exception {
        Path commons =
                Path.of(
                        org.junit.platform.commons.JUnitException.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        String version = commons.getParent().getFileName().toString();
        String console = "junit-platform-console-standalone";
        Path jar =
                commons.getParent()
                        .getParent()
                        .resolveSibling(console)
                        .resolve(version)
                        .resolve(console + "-" + version + ".jar");
        return System.getProperty("java.class.path") + (Files.exists(jar) ? ":" + jar : "");
    }

    private static void program(Path file, String body) throws Exception {
        Files.writeString(file, "#!/usr/bin/env bash\n" + body);
        assertTrue(file.toFile().setExecutable(true));
    }

    /** The report of a run, which ends with the exit code that it says. */
    private JsonNode check(String tensorRt, String... arguments) throws Exception {
        Path out = folder.resolve("out");
        List<String> command = new ArrayList<>();
        command.addAll(List.of("bash", home.resolve("scripts/gpu-check.sh").toString()));
        command.addAll(List.of("--out", out.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile());
        builder.environment().putAll(GpuStandIn.environment("", tensorRt));
        if (tensorRt.equals(MADE_UP)) {
            builder.environment().put("FAKE_TENSORRT", "");
        }
        builder.environment().put("MILLRACE_CACHE", folder.resolve("cache").toString());
        builder.environment().put("GPU_CHECK_FILES", home.toString());
        builder.environment().merge("PATH", "", (path, _) -> folder.resolve("host") + ":" + path);
        Process process = builder.start();
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        String said = Files.readString(folder.resolve("said"));
        System.out.println(said);
        assertTrue(ended, "it ends by itself");
        JsonNode report = new ObjectMapper().readTree(out.resolve("gpu-check.json").toFile());
        assertEquals(report.path("result").asText().equals("ok") ? 0 : 1, process.waitFor(), said);
        return report;
    }

    private static JsonNode row(JsonNode report, String name) {
        for (JsonNode row : report.path("rows")) {
            if (row.path("name").asText().equals(name)) {
                return row;
            }
        }
        throw new AssertionError("no row " + name + " in " + report.toPrettyString());
    }

    private static void result(JsonNode report, String name, String wanted) {
        assertEquals(
                wanted, row(report, name).path("result").asText(), row(report, name)::toString);
    }

    /** Of every command, and none was left out or stopped. */
    private static void allRan(JsonNode report, int... steps) {
        Set<Integer> seen = new HashSet<>();
        for (JsonNode row : report.path("rows")) {
            seen.add(row.path("step").asInt());
            String name = row.path("name").asText();
            String result = row.path("result").asText();
            String says = row.path("says").asText();
            // The memory of the process is ONNX Runtime's here, which computes for TensorRT.
            boolean rate =
                    RATES.contains(name)
                            ? says.contains(" two lanes ")
                            : name.equals("reload") && says.contains(" 0.0 KiB of the GPU's");
            assertTrue(result.equals("ok") || rate, row::toString);
        }
        for (int step : steps) {
            assertTrue(seen.contains(step), "step " + step);
        }
    }

    @Test
    void stepsOneToNineRunOnResultsThatAreComputed() throws Exception {
        JsonNode report =
                check("", "--patience", "3", "--effort", "0.05", "--steps", "1,2,3,4,5,6,7,8,9");
        allRan(report, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertEquals("Tesla T4", report.path("host").path("card").asText());
        assertEquals("3", report.path("host").path("PCIe generation at most").asText());
        assertTrue(
                row(report, "contract")
                        .path("says")
                        .asText()
                        .matches("[1-9]\\d+ tests successful"));
        assertEquals(9, report.path("figures").path("streams").path("rows").size());
        assertTrue(
                row(report, "reload under traffic").path("says").asText().startsWith("3 reloads"));
        assertTrue(row(report, "fault").path("says").asText().contains("cudaErrorIllegalAddress"));
        assertTrue(row(report, "its metrics").path("says").asText().contains("nv_gpu_power_usage"));
    }

    /** A ResNet-50 in batches of 128 is for no CPU, so what is computed here is made up. */
    @Test
    void theRestRunsOnResultsThatAreMadeUp() throws Exception {
        JsonNode report = check(MADE_UP, "--patience", "3", "--effort", "0.05", "--steps", "10");
        for (String name :
                List.of(
                        "plan of objects",
                        "plan of text",
                        "plan of ResNet-50",
                        "worker, ResNet-50",
                        "batch sweep, ResNet-50",
                        "compute-sanitizer")) {
            result(report, name, "ok");
        }
        assertEquals(4, report.path("figures").path("overlap, ResNet-50").size());
        result(report, "verify objects", "failed");
        result(report, "verify text", "failed");
    }

    @Test
    void withoutAPlanTheOthersRunWhatTheyCan() throws Exception {
        JsonNode report = check("build-fail", "--patience", "3", "--effort", "0.05");
        for (String name :
                List.of(
                        "plan in fp16",
                        "plan in fp32",
                        "its plan",
                        "what is broken",
                        "plan of objects",
                        "plan of text",
                        "plan of ResNet-50")) {
            result(report, name, "failed");
        }
        assertTrue(row(report, "plan in fp16").path("says").asText().contains("TensorRT"));
        for (String name : List.of("verify", "overlap", "worker on the GPU", "reload")) {
            result(report, name, "skipped");
        }
        for (String name :
                List.of(
                        "doctor",
                        "contract",
                        "worker on the CPU",
                        "fault",
                        "after the fault",
                        "given back",
                        "compute-sanitizer")) {
            result(report, name, "ok");
        }
    }

    @Test
    void aBuilderThatHangsIsEndedAtItsLimitAndNobodyWaitsForIt() throws Exception {
        JsonNode report = check("build-hang", "--patience", "0.3", "--steps", "4,5");
        for (String name : List.of("plan in fp16", "plan in fp32", "its plan")) {
            result(report, name, "failed");
            assertTrue(row(report, name).path("says").asText().startsWith("stopped after"));
        }
        result(report, "verify", "skipped");
        assertFalse(
                ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .anyMatch(line -> line.contains(home.toString())),
                "nothing of it is left");
    }
}
