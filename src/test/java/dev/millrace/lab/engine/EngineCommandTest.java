package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.Golden;
import dev.millrace.bundle.plan.Plans;
import dev.millrace.cli.EngineCommand;
import dev.millrace.cli.GpuAccess;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.lab.Laboratory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The engine commands, on the host and with a compiler that needs no GPU. */
class EngineCommandTest {
    private static final Path COLORS = Golden.TEST_ENGINES.resolve("colors");

    @TempDir private Path folder;
    private Path bundle;
    private final Plans compiler = new Plans(false);

    private final List<Integer> numbers = new ArrayList<>();

    private final GpuAccess gpu =
            new GpuAccess() {
                @Override
                public PlanCompiler compiler(int number, Optional<Path> tensorRt) {
                    numbers.add(number);
                    return compiler;
                }

                @Override
                public Device device(int number) {
                    numbers.add(number);
                    return HostDevice.computing(1);
                }
            };

    @BeforeEach
    void copy() throws Exception {
        bundle = Golden.copy(COLORS, folder.resolve("colors"), "kind", "kind");
    }

    private String run(GpuAccess access, int expected, String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine commands = Laboratory.addEngine(new CommandLine(new EngineCommand(access)));
        commands.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        commands.setExecutionExceptionHandler(
                (failure, command, parsed) -> {
                    said.write(failure.getMessage() + "\n");
                    return 2;
                });
        assertEquals(expected, commands.execute(arguments), said.toString());
        return said.toString();
    }

    @Test
    void buildWritesThePlanWhereItIsTold() {
        Path out = bundle.resolve("plans").resolve("t4.plan");
        String said =
                run(
                        gpu,
                        0,
                        "build",
                        bundle.toString(),
                        "--max-batch",
                        "4",
                        "--out",
                        out.toString());
        assertTrue(said.contains("for Tesla T4 (sm_75), TensorRT 10.15.1.29"), said);
        assertTrue(Files.exists(out) && Files.exists(Path.of(out + ".json")));
        assertEquals(4, compiler.options.getFirst().optBatch());
        String inspected =
                run(gpu, 0, "inspect", bundle.toString(), "--max-batch", "4", "--layers");
        assertTrue(inspected.contains("input   millrace_pixels uint8 [-1, 8, 8, 3]"), inspected);
        assertTrue(inspected.contains("layers  1: {FP16=1}"), inspected);
        assertTrue(inspected.contains("weights 5.0 MiB, each lane 3.0 MiB"), inspected);
        assertTrue(inspected.contains("built   from none"), inspected);
        String named = run(gpu, 0, "inspect", out.toString());
        assertTrue(named.contains("profile batch 1 to 8, tuned for 8"), named);
    }

    @Test
    void aBuildHasTheLimitThatIsNamed() {
        Path out = folder.resolve("t4.plan");
        for (List<String> more : List.of(List.<String>of(), List.of("--timeout", "3"))) {
            List<String> arguments = new ArrayList<>(List.of("build", bundle.toString()));
            arguments.addAll(List.of("--out", out.toString()));
            arguments.addAll(more);
            run(gpu, 0, arguments.toArray(String[]::new));
        }
        assertEquals(
                List.of(Duration.ofMinutes(20), Duration.ofMinutes(3)),
                compiler.options.stream().map(PlanCompiler.Options::limit).toList());
    }

    @Test
    void whatIsNotThereIsSaidInOneLine() {
        String said = run(gpu, 2, "inspect", bundle.toString());
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains("missing; build it: scripts/millrace engine build"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"build", "inspect", "verify", "sweep", "overlap", "reload"})
    void everyCommandTakesTheGpuThatIsNamed(String command) {
        StringWriter said = new StringWriter();
        CommandLine commands = Laboratory.addEngine(new CommandLine(new EngineCommand(gpu)));
        commands.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));
        List<String> arguments = new ArrayList<>(List.of(command, bundle.toString(), "--gpu", "3"));
        if (command.equals("build")) {
            // Elsewhere than in the cache, which others use.
            arguments.addAll(List.of("--out", folder.resolve("t4.plan").toString()));
        }
        commands.execute(arguments.toArray(String[]::new));
        assertEquals(Set.of(3), Set.copyOf(numbers), said.toString());
    }

    @Test
    void aLibrarySaysWhatCodeItHoldsWithoutAGpu() throws Exception {
        Path library = Files.writeString(folder.resolve("libnone.so.1"), "no code");
        assertEquals(
                "libnone.so.1: machine code for none\n",
                run(gpu, 0, "inspect", library.toString()));
        assertEquals(List.of(), numbers);
    }

    @Test
    void batchesThatCannotBeAreRefused() {
        String said = run(gpu, 2, "build", bundle.toString(), "--opt-batch", "9");
        assertTrue(said.contains("--opt-batch: '9' must be from 1 to --max-batch (8)"), said);
        String precision = run(gpu, 2, "build", bundle.toString(), "--precision", "int8");
        assertTrue(precision.contains("--precision: 'int8' must be fp16 or fp32"), precision);
    }

    @Test
    void verifyComparesOnTheHost() {
        String said = run(gpu, 0, "verify", bundle.toString(), "--device", "host");
        assertTrue(said.contains("best class: the same on 22 of 22 photos"), said);
        assertTrue(said.contains("output: largest difference 0.000"), said);
        assertTrue(said.endsWith("they agree\n"), said);
    }

    @Test
    void sweepMeasuresAndWritesTheBatch() throws Exception {
        String said =
                run(
                        gpu,
                        0,
                        "sweep",
                        bundle.toString(),
                        "--device",
                        "host",
                        "--max-batch",
                        "4",
                        "--millis",
                        "20",
                        "--write");
        assertTrue(said.contains("<- chosen"), said);
        String yaml = Files.readString(bundle.resolve("model.yaml"));
        assertTrue(yaml.matches("(?s).*\nmaxBatch: [124]\n"), yaml);
        run(gpu, 0, "sweep", bundle.toString(), "--device", "host", "--millis", "1", "--write");
        assertEquals(
                1,
                Files.readAllLines(bundle.resolve("model.yaml")).stream()
                        .filter(line -> line.startsWith("maxBatch"))
                        .count());
    }

    @ParameterizedTest
    @CsvSource({
        "verify,  --device host compares",
        "sweep,   --device host measures on the CPU",
        "overlap, --device host measures on the CPU",
        "reload,  does nothing without one",
        "inspect, can only be read on a GPU",
        "build,   can only be built on a GPU",
        "streams, overlap --device host",
        "fault,   does nothing without one"
    })
    void withoutAGpuACommandSaysWhatToDo(String command, String words) {
        GpuAccess none =
                new GpuAccess() {
                    @Override
                    public PlanCompiler compiler(int number, Optional<Path> tensorRt) {
                        throw new ConfigException("no GPU: none is here");
                    }

                    @Override
                    public Device device(int number) {
                        throw new ConfigException("no GPU: none is here");
                    }
                };
        List<String> arguments = new ArrayList<>(List.of(command));
        if (!command.equals("streams") && !command.equals("fault")) {
            arguments.add(bundle.toString());
        }
        String said = run(none, 2, arguments.toArray(String[]::new));
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.startsWith("no GPU: none is here; ") && said.contains(words), said);
    }

    @Test
    void generateWritesABundle() {
        Path net = folder.resolve("net");
        run(gpu, 0, "generate", net.toString(), "--width", "4", "--classes", "3", "--size", "32");
        String said = run(gpu, 0, "verify", net.toString(), "--device", "host");
        assertTrue(said.endsWith("they agree\n"), said);
    }

    @Test
    void generateReplacesNoBundleUnlessItIsTold() throws Exception {
        List<String> generate = new ArrayList<>(List.of("generate", bundle.toString()));
        generate.add("--one-convolution");
        String before = Files.readString(bundle.resolve("model.yaml"));
        String said = run(gpu, 2, generate.toArray(String[]::new));
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains("model.onnx' exists") && said.contains("--force"), said);
        assertEquals(before, Files.readString(bundle.resolve("model.yaml")));
        Files.delete(bundle.resolve("model.onnx"));
        said = run(gpu, 2, generate.toArray(String[]::new));
        assertTrue(said.contains("model.yaml' exists"), said);
        assertEquals(before, Files.readString(bundle.resolve("model.yaml")));
        generate.add("--force");
        run(gpu, 0, generate.toArray(String[]::new));
        assertTrue(Files.readString(bundle.resolve("model.yaml")).contains("classifier"));
    }

    @Test
    void overlapExplainsItsColumns() {
        String said =
                run(
                        gpu,
                        0,
                        "overlap",
                        bundle.toString(),
                        "--simulate=1,0.1,1,0",
                        "--batches=2",
                        "--rounds=3");
        for (String column :
                List.of("compute ms", "one lane ms", "two lanes ms", "hidden", "gain")) {
            assertTrue(said.contains("\n" + column + ": "), column + " is not explained: " + said);
        }
    }

    @Test
    void inspectHelpSaysWhatItTakesAndShows() {
        String said = run(gpu, 0, "inspect", "--help");
        for (String word : List.of("*.plan", "*.so", "profile", "memory", "FP16")) {
            assertTrue(said.contains(word), word + " is missing: " + said);
        }
    }
}
