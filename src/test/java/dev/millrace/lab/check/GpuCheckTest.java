package dev.millrace.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Slow;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The ten steps over a Millrace that answers from a file: what the report says of each answer. */
class GpuCheckTest {
    @TempDir private Path folder;
    private Path home;
    private Path out;

    /** Answers by the first pattern that its arguments begin with. */
    private static final String MILLRACE =
            """
            #!/usr/bin/env bash
            here=$(dirname "$0")
            all=$*
            file=${all##* }
            [ "$1 $2" != "engine generate" ] || { mkdir -p "$3"; echo "kind: classifier" >"$3/model.yaml"; }
            while IFS='|' read -r pattern code says json; do
              case "$all" in
                $pattern*)
                  [ "$code" != hang ] || sleep 60
                  [ -z "$json" ] || echo "$json" >"$file"
                  [ -z "$says" ] || printf '%b\\n' "$says"
                  exit "$code"
                  ;;
              esac
            done <"$here/answers"
            echo "done: $all"
            """;

    private static final String OVERLAP =
            "[{\"batch\": 8, \"compute_ms\": 2.0, \"series_ms\": 2.9, \"double_ms\": %s, \"copy_ms\": 0.9}]";

    private static final String STREAMS =
            "{\"free_bytes\": %s, \"rows\": [%s, {\"batch\": 32, \"spin_ms\": 5, \"compute_ms\": 5.0, \"copy_in_ms\": 1.0,"
                    + " \"lanes\": [{\"in_flight\": 1, \"batch_ms\": 6.1, \"latency_ms\": 6.1}, {\"in_flight\": 2, \"batch_ms\": %s, \"latency_ms\": 10}],"
                    + " \"three_streams\": [{\"in_flight\": 2, \"batch_ms\": 5.02, \"latency_ms\": 9}]}]}";

    private static final String SHORT_ROW =
            "{\"batch\": 8, \"spin_ms\": 0.1, \"compute_ms\": 0.1, \"copy_in_ms\": 0.05, \"lanes\": [], \"three_streams\": []}";

    private static final String DEMO =
            "{\"images_per_s\": 812.5, \"cpu_ms_per_image\": 3.21, \"mean_batch\": 7.9, \"lost\": %s, \"limited_by\": \"preprocess\", \"reloads\": 3}";

    @BeforeEach
    void bundle() throws Exception {
        home = folder.resolve("bundle");
        out = folder.resolve("out");
        Files.createDirectories(home.resolve("bin"));
        program(home.resolve("bin/millrace"), MILLRACE);
        program(
                home.resolve("bin/jvm"),
                """
                #!/usr/bin/env bash
                echo "[        12 tests successful      ]"
                echo "[         $(cat "$(dirname "$0")/skipped") tests skipped         ]"
                """);
        Files.writeString(home.resolve("bin/skipped"), "0");
        Files.writeString(
                home.resolve("CONTENTS"),
                "Millrace v1-2, for Linux\nbuilder resource: PTX 9.1, needs a driver of CUDA 13.1\n");
    }

    private static void program(Path file, String text) throws Exception {
        Files.writeString(file, text);
        assertTrue(file.toFile().setExecutable(true));
    }

    /** What is answered where all is well, with these before it. */
    private String check(int expected, List<String> answers, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(answers);
        all.add("doctor|0|ok    JDK: 25\\nok    GPU: 0, Fake 9000 (sm_90)|");
        all.add("engine streams|0||" + STREAMS.formatted("1000000", SHORT_ROW, "5.1"));
        all.add("engine overlap|0||" + OVERLAP.formatted("2.05"));
        all.add(
                "engine verify|0|best class: the same\\noutput: largest difference 0.001\\nthey"
                        + " agree|");
        all.add("engine fault|1|millrace: cudaStreamSynchronize failed: cudaErrorIllegalAddress|");
        all.add("engine reload|0|flat|{\"times\": 20}");
        all.add("engine sweep|0|chosen: batch 64\\nmore|");
        all.add("demo|0||" + DEMO.formatted("0"));
        Files.write(home.resolve("bin/answers"), all);
        List<String> command =
                new ArrayList<>(List.of("--out", out.toString(), "--patience", "0.1"));
        command.addAll(List.of(arguments));
        StringWriter said = new StringWriter();
        System.setProperty("millrace.home", home.toString());
        try {
            CommandLine commands = new CommandLine(new GpuCheckCommand());
            commands.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
            assertEquals(
                    expected, commands.execute(command.toArray(String[]::new)), said::toString);
        } finally {
            System.clearProperty("millrace.home");
        }
        return Files.exists(out.resolve("gpu-check.md"))
                ? Files.readString(out.resolve("gpu-check.md"))
                : said.toString();
    }

    private static void says(String page, String... wanted) {
        for (String text : wanted) {
            assertTrue(page.contains(text), () -> "no '" + text + "' in " + page);
        }
    }

    /** Metrics come from the demo's own option, which this Millrace does not know. */
    private static final String NO_METRICS = "| 7 worker | its metrics | failed |";

    @Test
    void aGoodHostHasARowForEachStepAndItsFigures() throws Exception {
        String page = check(1, List.of());
        says(
                page,
                ", 0, Fake 9000 (sm_90)\n",
                "| bundle | Millrace v1-2, for Linux; builder resource: PTX 9.1, needs a driver of CUDA 13.1 |",
                "| doctor | 0, Fake 9000 (sm_90) |",
                "| builder resource | builder resource: PTX 9.1, needs a driver of CUDA 13.1 |",
                "| 1 host | doctor | ok |",
                "| 2 device contract | contract | ok | 0.",
                "12 tests successful",
                "of computing alone, two lanes have 98.0 % at least (batch 32), three streams 99.6 %",
                "| 4 plan | plan in fp16 | ok |",
                "| 5 verify | verify | ok |",
                "output: largest difference 0.001 |",
                "| 6 overlap | overlap, plain | ok |",
                "| 7 worker | worker, latency | ok |",
                "812.5 images/s, 3.21 CPU-ms an image, mean batch 7.9, lost 0, limited by preprocess",
                "| 8 lost device | fault | ok |",
                "0 KiB of the card did not come back",
                "| 9 reload | reload | ok |",
                "| flat |",
                "| 9 reload | reload | ok |",
                "| flat |",
                "| 9 reload | reload under traffic | ok |",
                "3 reloads, 812.5",
                "| 10 the rest | batch sweep, ResNet-50 | ok |",
                "chosen: batch 64",
                "| 10 the rest | compute-sanitizer | absent |",
                "| 8 | 2.000 | 2.900 | 2.050 | 97.6 % | 1.41 | 3902 |",
                "MILLRACE_TENSORRT_LOG=verbose bin/millrace engine build engines/safety --max-batch 8",
                NO_METRICS);
        JsonNode report = new ObjectMapper().readTree(out.resolve("gpu-check.json").toFile());
        assertEquals("failed", report.path("result").asText());
        assertEquals(
                8, report.path("figures").path("overlap, plain").path(0).path("batch").asInt());
        assertTrue(
                Files.readString(out.resolve("gpu-check.log")).contains("=== exit code 0 after"));
    }

    @Test
    @Slow
    void aPlanThatDoesNotBuildIsTriedSmallerAndKeepsNoStepThatNeedsNone() throws Exception {
        String page =
                check(
                        1,
                        List.of(
                                "engine build "
                                        + home
                                        + "/engines/safety*fp16|1|millrace: no kernel; for it|",
                                "engine build "
                                        + home
                                        + "/engines/safety*fp32|1|millrace: no kernel|",
                                "engine build " + home + "/engines/text|1|millrace: no kernel|"));
        says(
                page,
                "| plan in fp16 | failed |",
                "exit code 1; millrace: no kernel; for it |",
                "| plan in fp32 | failed |",
                "| its plan | ok |",
                "TensorRT builds one convolution, but not this model",
                "| 5 verify | verify | skipped | 0.0 | needs a plan, and none was built |",
                "| 6 overlap | overlap | skipped |",
                "| 7 worker | worker on the CPU | ok |",
                "| 8 lost device | given back | ok |",
                "| 9 reload | reload | skipped |",
                "| 10 the rest | verify objects | ok |",
                "| 10 the rest | verify text | skipped |",
                "| 10 the rest | overlap, ResNet-50 | ok |");
        String none =
                check(
                        1,
                        List.of("engine build|1|millrace: no builder resource|"),
                        "--steps",
                        "4,5");
        says(none, "TensorRT cannot build anything here", "| 5 verify | verify | skipped |");
        String late =
                check(
                        1,
                        List.of("engine build " + home + "/engines/safety|hang||"),
                        "--steps",
                        "4");
        says(late, "TensorRT builds one convolution, but does not build this model in its time");
        String single =
                check(1, List.of("engine build*fp16|1|millrace: no half|"), "--steps", "4,5,6,7,9");
        says(
                single,
                "| plan in fp32 | ok |",
                "| 5 verify | verify | ok |",
                "| worker on the GPU | skipped | 0.0 | needs the plan in fp16",
                "| reload under traffic | skipped |",
                "engine overlap engines/safety --max-batch 8 --precision fp32 --batches 1,4,8 --rounds 100 --plain");
    }

    @Test
    void badFiguresFail() throws Exception {
        says(
                check(
                        1,
                        List.of("engine overlap|0||" + OVERLAP.formatted("2.2")),
                        "--steps",
                        "4,6"),
                "Not all is well: overlap, graphs failed, overlap, plain failed.",
                "batch 8: two lanes have 90.9 % of computing alone");
        says(
                check(
                        1,
                        List.of("engine streams|0||" + STREAMS.formatted("1", SHORT_ROW, "5.4")),
                        "--steps",
                        "3"),
                "two lanes have 92.6 % at least (batch 32), three streams 99.6 %");
        says(
                check(
                        1,
                        List.of("engine streams|0||" + "{\"rows\": [%s]}".formatted(SHORT_ROW)),
                        "--steps",
                        "3"),
                "no batch computes for at least 1 ms and for longer than its copies take");
        says(check(1, List.of("engine overlap|0||[]"), "--steps", "6"), "no rows");
        says(
                check(1, List.of("engine overlap|0|nothing|"), "--steps", "6"),
                "the command wrote no figures");
        says(
                check(
                        1,
                        List.of("demo|1|a message was lost|" + DEMO.formatted("1")),
                        "--steps",
                        "7"),
                "exit code 1; a message was lost");
        Files.writeString(home.resolve("bin/skipped"), "3");
        says(check(1, List.of(), "--steps", "2"), "3 tests skipped although there is a GPU");
    }

    @Test
    void aFaultHasToBeOneLineAndAnExitCodeOf1() throws Exception {
        says(
                check(1, List.of("engine fault|1|millrace: one\\n  at a.b.C|"), "--steps", "8"),
                "the command should end with exit code 1 and one line, but ended with exit code 1"
                        + " and 2 lines");
        says(
                check(1, List.of("engine fault|134|# A fatal error|"), "--steps", "8"),
                "ended with exit code 134 and 1 line;");
        says(
                check(
                        1,
                        List.of("engine fault|1|millrace: CUDA reported no error|"),
                        "--steps",
                        "8"),
                "| fault | failed |");
    }

    @Test
    @Slow
    void aStepThatHangsEndsAtItsLimitWithAllThatItStarted() throws Exception {
        long startNs = System.nanoTime();
        String page = check(1, List.of("engine verify|hang||"), "--steps", "4,5,8");
        says(page, "| 5 verify | verify | failed |", "stopped after 4 s", "| given back | ok |");
        assertTrue(System.nanoTime() - startNs < 30e9);
        assertFalse(
                ProcessHandle.current().descendants().anyMatch(child -> isSleep(child)),
                "the command's own children are ended");
    }

    private static boolean isSleep(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/sleep");
    }

    @Test
    void theLimitsAddUpToTenMinutesAtMost() {
        long seconds = 0;
        for (Step step : GpuCheckCommand.steps()) {
            seconds += step.limit().toSeconds();
        }
        // Ending what hangs takes six seconds. Without a plan, which may take longer, steps that
        // take more than that are left out.
        long most = seconds + PlanSteps.AS_LONG_AGAIN.toSeconds() + 10 * 6;
        assertTrue(most <= 600, most + " s");
    }

    @Test
    void stepsThatAreNoneAreRefused() throws Exception {
        says(check(1, List.of(), "--steps", "11"), "--steps: each step must be from 1 to 10");
    }
}
