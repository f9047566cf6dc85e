package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.cli.Millrace;
import dev.millrace.lab.Laboratory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user may get wrong about {@code tune} is answered before anything runs. */
class TuneMistakesTest {
    @TempDir private Path folder;

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("--tasks=nowhere", "--tasks", "nowhere"),
                mistake("--bundles=no/where", "--bundles", "where"),
                mistake("--bundles=src", "model.yaml"),
                mistake("--simulate=fast", "--simulate", "'fast'", "2,0.25"),
                mistake("--percentile=98", "--percentile", "'98'", "99.9"),
                mistake("--load=100", "--load", "'100'", "95"),
                mistake("--latency-bound=0ms", "--latency-bound", "more than 0"),
                mistake("--measure=0s", "--measure", "more than 0"),
                mistake("--threads=0", "--threads", "'0'", "256"),
                mistake("--batches=4,2000", "--batches", "'2000'", "1024"),
                mistake("--lanes=9", "--lanes", "'9'", "8"),
                mistake("--lingers=10s", "--lingers", "'10s'", "5s"),
                mistake("--runs=0", "--runs", "'0'", "at least 1"),
                mistake("--images=0", "--images", "'0'"),
                mistake("--compare=2x8", "--compare", "'2x8'", "2x8x2x5ms"),
                mistake("--config=nowhere.yaml", "nowhere.yaml", "there is no such file"),
                mistake("--output=pom.xml/x.yaml", "--output", "is not a folder"),
                mistake("--json=docs", "--json", "'docs'", "is a folder"),
                mistake("--html=/proc/x/y.html", "--html", "/proc/x"));
    }

    private static Arguments mistake(String option, String... words) {
        return Arguments.argumentSet(option, option, List.of(words));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsAnsweredByOneLine(String option, List<String> words) {
        assertOneLine(tune(option), words);
    }

    @Test
    void aFileIsNotReplaced() throws IOException {
        Path there = Files.createFile(folder.resolve("there.yaml"));
        assertOneLine(tune("--output=" + there), List.of("--output", "exists", "--force"));
    }

    @Test
    void aConfigurationHasModelsOfItsOwn() {
        assertOneLine(tune("--config=x.yaml", "--tasks=safety"), List.of("--config", "--tasks"));
    }

    private static void assertOneLine(String said, List<String> words) {
        assertEquals(1, said.lines().count(), said);
        words.forEach(word -> assertTrue(said.contains(word), said + " lacks " + word));
    }

    private String tune(String... options) {
        List<String> arguments = new ArrayList<>(List.of("tune"));
        Stream<String> given = Stream.of(options);
        if (Stream.of(options).noneMatch(option -> option.startsWith("--output"))) {
            arguments.add("--output=" + folder.resolve("new.yaml"));
        }
        given.forEach(arguments::add);
        StringWriter said = new StringWriter();
        int code =
                Laboratory.commands()
                        .setErr(new PrintWriter(said, true))
                        .execute(arguments.toArray(String[]::new));
        assertEquals(Millrace.MISTAKE, code, said.toString());
        return said.toString();
    }
}
