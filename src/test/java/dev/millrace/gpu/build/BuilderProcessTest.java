package dev.millrace.gpu.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.cuda.GpuStandIn;
import dev.millrace.testing.Slow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a build in a process of its own, over a stand-in of TensorRT. */
@Slow
class BuilderProcessTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private final PrintStream stderr = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final List<String> phases = new ArrayList<>();

    @TempDir private Path folder;

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void listenNoMore() {
        System.setErr(stderr);
    }

    private List<String> command(String tensorRt) throws Exception {
        List<String> command = new ArrayList<>(List.of("env"));
        GpuStandIn.environment("", tensorRt)
                .forEach((name, value) -> command.add(name + "=" + value));
        BuildOrder order =
                new BuildOrder(
                        0,
                        Optional.empty(),
                        Path.of("engines/safety/model.onnx").toAbsolutePath(),
                        new PlanCompiler.Options(
                                1, 4, 8, 1 << 20, Optional.of(folder.resolve("timing.cache"))),
                        plan());
        command.addAll(BuilderProcess.command(order));
        return command;
    }

    private Path plan() {
        return folder.resolve("model.plan");
    }

    private void build(String tensorRt, Duration limit) throws Exception {
        try (BuilderProcess builder =
                BuilderProcess.start(command(tensorRt), (phase, done) -> phases.add(phase))) {
            builder.await(limit);
        }
    }

    private String refusal(String tensorRt, Duration limit) {
        DeviceException refused = assertThrows(DeviceException.class, () -> build(tensorRt, limit));
        assertFalse(refused.sticky(), "it was not this process's device");
        assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
        assertFalse(Files.exists(plan()));
        assertFalse(isLeft(), "a builder is left");
        return refused.getMessage();
    }

    private boolean isLeft() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                .anyMatch(this::namesThePlan);
    }

    private boolean namesThePlan(Path commandLine) {
        try {
            return Files.readString(commandLine).contains(plan().toString());
        } catch (IOException e) {
            // It has ended.
            return false;
        }
    }

    @Test
    void aPlanIsBuiltAndItsPhasesAreTold() throws Exception {
        build("", LONG);
        assertTrue(Files.size(plan()) > 0);
        assertEquals("read the model", phases.getFirst());
        assertEquals("done", phases.getLast());
    }

    @Test
    void aBuildThatHangsIsEndedInTime() {
        long startNs = System.nanoTime();
        String line = refusal("build-hang", Duration.ofSeconds(8));
        assertTrue(
                line.startsWith("the plan was not built within 8 s and its builder was ended"),
                line);
        assertTrue(line.contains("engine.buildTimeout"), line);
        assertTrue(System.nanoTime() - startNs < LONG.toNanos());
        assertTrue(phases.contains("build"), phases::toString);
    }

    @Test
    void aCrashIsOneLineThatNamesTheReport() {
        String line = refusal("build-crash", LONG);
        assertTrue(
                line.startsWith("TensorRT ended the process that was building the plan, exit code"),
                line);
        Path report = Path.of(line.substring(line.indexOf("its report is ") + 14));
        assertTrue(Files.exists(report), line);
        report.toFile().delete();
        String log = said.toString(StandardCharsets.UTF_8);
        assertFalse(log.contains("SIGSEGV"), log);
        assertFalse(log.contains("# "), log);
    }

    @Test
    void whatTensorRtDoesNotBuildItSaysItself() {
        String line = refusal("build-fail", LONG);
        assertTrue(line.contains("failed; TensorRT says: "), line);
    }

    @Test
    void anInterruptEndsTheBuildAtOnce() throws Exception {
        Thread builds = Thread.currentThread();
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                Thread.sleep(3000);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            builds.interrupt();
                        });
        try (BuilderProcess builder = BuilderProcess.start(command("build-hang"), (_, _) -> {})) {
            DeviceException refused =
                    assertThrows(DeviceException.class, () -> builder.await(LONG));
            assertEquals("the build of the plan was interrupted", refused.getMessage());
        }
        assertTrue(Thread.interrupted(), "whoever waits further hears of it");
    }

    /** As where the process that started it was killed. */
    @Test
    void aBuilderEndsWithTheProcessThatStartedIt() throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 3>&1", "sh"));
        command.addAll(command("build-hang"));
        Process builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile())
                        .start();
        try {
            assertFalse(builder.waitFor(4, TimeUnit.SECONDS), "it hangs");
            builder.getOutputStream().close();
            assertTrue(builder.waitFor(20, TimeUnit.SECONDS), "it ends");
        } finally {
            builder.destroyForcibly();
        }
    }

    @Test
    void anOrderArrivesAsItWasGiven() {
        BuildOrder order =
                new BuildOrder(
                        3,
                        Optional.of(Path.of("/opt/a b")),
                        Path.of("/m/x.onnx"),
                        new PlanCompiler.Options(1, 2, 3, 4L << 30, Optional.empty()),
                        Path.of("/p/y.plan"));
        assertEquals(order, BuildOrder.of(order.arguments().toArray(String[]::new)));
    }
}
