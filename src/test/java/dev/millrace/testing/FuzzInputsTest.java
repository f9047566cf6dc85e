package dev.millrace.testing;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.batch.ResultFileFuzz;
import dev.millrace.bundle.DeclarationFuzz;
import dev.millrace.bundle.plan.SidecarFuzz;
import dev.millrace.lab.imports.ImportFuzz;
import dev.millrace.lab.imports.ModelFuzz;
import dev.millrace.preprocess.ImageGateFuzz;
import dev.millrace.serve.CallerFuzz;
import dev.millrace.serve.oip.InferenceRequestFuzz;
import dev.millrace.source.RequestParserFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;

/**
 * The inputs that are kept for each fuzz target: where fuzzing starts from, and what it once found.
 */
class FuzzInputsTest {
    private static final Path INPUTS = Path.of("src", "test", "resources", "fuzz");

    private record Target(String name, ThrowingConsumer<byte[]> run) {}

    private static final List<Target> TARGETS =
            List.of(
                    new Target("RequestParserFuzz", RequestParserFuzz::fuzzerTestOneInput),
                    new Target("InferenceRequestFuzz", InferenceRequestFuzz::fuzzerTestOneInput),
                    new Target("ImageGateFuzz", ImageGateFuzz::fuzzerTestOneInput),
                    new Target("DeclarationFuzz", DeclarationFuzz::fuzzerTestOneInput),
                    new Target("ImportFuzz", ImportFuzz::fuzzerTestOneInput),
                    new Target("SidecarFuzz", SidecarFuzz::fuzzerTestOneInput),
                    new Target("ResultFileFuzz", ResultFileFuzz::fuzzerTestOneInput),
                    new Target("ModelFuzz", ModelFuzz::fuzzerTestOneInput),
                    new Target("CallerFuzz", CallerFuzz::fuzzerTestOneInput),
                    new Target("ResultFileFuzz", ResultFileFuzz::fuzzerTestOneInput),
                    new Target("SidecarFuzz", SidecarFuzz::fuzzerTestOneInput));

    @AfterAll
    static void end() {
        CallerFuzz.close();
    }

    @TestFactory
    Stream<DynamicTest> everyInputIsTakenOrRefusedByName() throws IOException {
        Stream.Builder<DynamicTest> tests = Stream.builder();
        for (Target target : TARGETS) {
            List<Path> files;
            try (Stream<Path> found = Files.list(INPUTS.resolve(target.name))) {
                files = found.sorted().toList();
            }
            assertTrue(files.size() > 1, "no inputs for " + target.name);
            for (Path file : files) {
                tests.add(
                        DynamicTest.dynamicTest(
                                target.name + " " + file.getFileName(), () -> check(target, file)));
            }
        }
        return tests.build();
    }

    private static void check(Target target, Path file) throws IOException {
        byte[] input = Files.readAllBytes(file);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> target.run.accept(input));
    }
}
