package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Who copies an example does not open a port to a network without reading what keeps others out: a
 * port at every address has a comment before it, or its sentence names the token or the login.
 */
class OpenAddressesTest {
    private static final Pattern EVERY_ADDRESS = Pattern.compile("0\\.0\\.0\\.0(?![/\\d])");
    private static final Pattern WHY = Pattern.compile("token|login");
    private static final List<String> SHIPPED =
            List.of("README.md", "SECURITY.md", "docs", "deploy", "docker", "examples");

    private static List<String> unexplained(String file, List<String> lines) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            boolean explained =
                    WHY.matcher(line).find() || i > 0 && lines.get(i - 1).strip().startsWith("#");
            if (EVERY_ADDRESS.matcher(line).find() && !explained) {
                found.add(file + ":" + (i + 1) + ": " + line.strip());
            }
        }
        return found;
    }

    @Test
    void noExampleOpensAPortWithoutAWord() throws IOException {
        List<String> found = new ArrayList<>();
        int files = 0;
        for (String place : SHIPPED) {
            try (Stream<Path> paths = Files.walk(Path.of(place))) {
                for (Path file : paths.filter(OpenAddressesTest::isText).toList()) {
                    found.addAll(unexplained(file.toString(), Files.readAllLines(file)));
                    files++;
                }
            }
        }
        assertTrue(files > 50, files + " files were read");
        assertEquals(List.of(), found);
    }

    private static boolean isText(Path file) {
        return Files.isRegularFile(file)
                && !file.toString().matches(".*\\.(png|jpg|webp|svg|gz|zip|onnx)");
    }

    @Test
    void whatIsPlantedIsFound() {
        assertEquals(
                1, unexplained("a", List.of("serve:", "  port: 8000", "  bind: 0.0.0.0")).size());
        assertEquals(
                List.of(), unexplained("a", List.of("# The token is required", "bind: 0.0.0.0")));
        assertEquals(List.of(), unexplained("a", List.of("cidr: 0.0.0.0/0")));
    }
}
