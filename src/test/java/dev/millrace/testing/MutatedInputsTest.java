package dev.millrace.testing;

import dev.millrace.bundle.DeclarationFuzz;
import dev.millrace.lab.imports.ImportFuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** The kept inputs of what a user writes or downloads with a model, broken at random. */
@Slow
class MutatedInputsTest {
    private static final Path INPUTS = Path.of("src", "test", "resources", "fuzz");
    private static final int INPUTS_EACH = 1_000;
    private static final String[] TOKENS = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        ": ",
        "\"",
        "'",
        "\\",
        "\\u",
        "\0",
        "\n",
        "\t",
        "-",
        "- ",
        "#",
        "&a",
        "*a",
        "!!",
        "|",
        ">",
        "%",
        "@",
        "~",
        "null",
        "true",
        "NaN",
        ".inf",
        "1e999",
        "-1",
        "99999999999999999999",
        "0x10",
        "\u2028",
        "\ufeff",
        "\ud83d",
        "ä",
        "  ",
        "---",
        "..."
    };

    @Test
    void anyModelYamlIsReadOrRefusedByOneLine() throws Exception {
        run("DeclarationFuzz", DeclarationFuzz::fuzzerTestOneInput);
    }

    @Test
    void whateverAModelSaysOfItselfIsReadOrRefusedByOneLine() throws Exception {
        run("ImportFuzz", ImportFuzz::fuzzerTestOneInput);
    }

    private static void run(String target, ThrowingConsumer<byte[]> taken) throws IOException {
        SplittableRandom random = new SplittableRandom(20260117);
        List<String> seeds = new ArrayList<>();
        try (Stream<Path> files = Files.list(INPUTS.resolve(target))) {
            for (Path file : files.sorted().toList()) {
                seeds.add(Files.readString(file, StandardCharsets.UTF_8));
            }
        }
        for (int i = 0; i < INPUTS_EACH; i++) {
            String input = seeds.get(random.nextInt(seeds.size()));
            for (int times = 1 + random.nextInt(4); times > 0; times--) {
                input = broken(input, seeds, random);
            }
            try {
                taken.accept(input.getBytes(StandardCharsets.UTF_8));
            } catch (Throwable e) {
                throw new AssertionError("input " + i + ": " + input, e);
            }
        }
    }

    /** Something is left out, repeated, exchanged for a token or taken from another input. */
    private static String broken(String input, List<String> seeds, SplittableRandom random) {
        // The first letter says whose it is.
        int from = 1 + random.nextInt(Math.max(1, input.length()));
        from = Math.min(from, input.length());
        int to = Math.min(input.length(), from + random.nextInt(30));
        String head = input.substring(0, from);
        String part = input.substring(from, to);
        String tail = input.substring(to);
        return switch (random.nextInt(5)) {
            case 0 -> head + tail;
            case 1 -> head + part + part + tail;
            case 2 -> head + TOKENS[random.nextInt(TOKENS.length)] + tail;
            case 3 -> head + TOKENS[random.nextInt(TOKENS.length)] + part + tail;
            default -> {
                String other = seeds.get(random.nextInt(seeds.size()));
                int at = random.nextInt(other.length());
                yield head + other.substring(at, Math.min(other.length(), at + 30)) + tail;
            }
        };
    }
}
