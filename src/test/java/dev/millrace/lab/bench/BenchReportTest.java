package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code bench --from} shows of the runs that are kept beside the documents. */
class BenchReportTest {
    private static final Path RECORDED = Path.of("docs/bench");

    private static Results read(String name) throws Exception {
        return Results.read(json(name));
    }

    private static JsonNode json(String name) throws Exception {
        return new ObjectMapper().readTree(RECORDED.resolve(name + ".json").toFile());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bench", "curves"})
    void theJsonIsWhatWasRead(String name) throws Exception {
        String read = json(name).toPrettyString();
        assertEquals(read, read(name).json().toPrettyString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bench", "curves"})
    void thePageIsTheRecordedOne(String name) throws Exception {
        String recorded = Files.readString(RECORDED.resolve(name + ".html"));
        assertEquals(withoutCharts(recorded), withoutCharts(BenchPage.html(read(name)) + "\n"));
    }

    /** Their letters are as wide as the machine's fonts. */
    private static String withoutCharts(String page) {
        return page.replaceAll("(?s)<svg.*?</svg>", "<svg/>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bench", "curves"})
    void theTerminalShowsTheSame(String name) throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        BenchTable.print(new PrintStream(shown, true, StandardCharsets.UTF_8), read(name));
        try (InputStream recorded = getClass().getResourceAsStream(name + ".txt")) {
            assertEquals(
                    new String(recorded.readAllBytes(), StandardCharsets.UTF_8),
                    shown.toString(StandardCharsets.UTF_8));
        }
    }
}
