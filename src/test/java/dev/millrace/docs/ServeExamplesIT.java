package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Contract;
import dev.millrace.testing.ServeProcess;
import dev.millrace.verify.SamplePhotos;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The clients of {@code examples/serve} ask a worker that wants a token. */
@Timeout(300)
class ServeExamplesIT {
    private static final String TOKEN = "0123456789abcdef";
    private static final String PHOTO = "photo-512x512-astronaut.jpg";
    private static final int SECONDS = 60;

    private static ServeProcess worker;

    @TempDir private Path folder;

    @BeforeAll
    static void serve(@TempDir Path place) throws Exception {
        Path config =
                Files.writeString(
                        place.resolve("worker.yaml"),
                        """
                        models:
                          - {task: safety, bundle: %s}
                          - {task: objects, bundle: %s}
                        serve: {port: 0, token: %s}
                        """
                                .formatted(
                                        Path.of("engines/safety").toAbsolutePath(),
                                        Path.of("engines/objects").toAbsolutePath(),
                                        TOKEN));
        worker = ServeProcess.start(place, "--config=" + config);
    }

    @AfterAll
    static void stop() throws Exception {
        if (worker != null) {
            worker.end();
        }
    }

    private record End(int code, String out, String err) {}

    private End run(String token, String... words) throws Exception {
        String program = words[0].contains("/") ? "sh" : words[0];
        Assumptions.assumeTrue(
                isInstalled(program) && isInstalled("curl"),
                program + " or curl is not on this machine's PATH");
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("MILLRACE", worker.url());
        builder.environment().put("MILLRACE_TOKEN", token);
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "is still running");
        } finally {
            process.destroyForcibly();
        }
        return new End(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private String photo() throws Exception {
        return Files.write(folder.resolve("a photo.jpg"), SamplePhotos.all().get(PHOTO)).toString();
    }

    @Test
    void curlPrintsTheResult() throws Exception {
        End end = run(TOKEN, "examples/serve/ask.sh", photo(), "safety");
        assertEquals(0, end.code(), end.err());
        JsonNode result = new ObjectMapper().readTree(end.out());
        Contract.requireResult(result);
        assertEquals("Neutral", result.at("/results/safety/label").asText());
    }

    @Test
    void curlFailsWithTheWorkersLine() throws Exception {
        End end = run("another token", "examples/serve/ask.sh", photo());
        assertEquals(22, end.code(), end.out());
        assertTrue(end.out().contains("{\"error\":"), end.out());
    }

    @Test
    void pythonPrintsVerdictsAndBoxes() throws Exception {
        List<String> words =
                new ArrayList<>(List.of("python3", "examples/serve/ask.py", "objects", photo()));
        Path broken = Files.write(folder.resolve("broken.jpg"), new byte[] {1, 2, 3});
        words.add(broken.toString());
        words.add(photo());
        End end = run(TOKEN, words.toArray(String[]::new));
        assertEquals(1, end.code(), end.err());
        assertEquals(2, end.out().split("a photo.jpg: person \\(").length - 1, end.out());
        assertTrue(end.out().contains("\n  person 0.7"), end.out());
        assertTrue(end.err().contains("broken.jpg: 415 unsupported_format: "), end.err());
    }
}
