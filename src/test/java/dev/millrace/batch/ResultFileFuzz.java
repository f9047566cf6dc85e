package dev.millrace.batch;

import dev.millrace.bundle.DeclarationFuzz;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Any file at {@code --out}: it is taken as far as its last whole line, or refused by one line and
 * left as it is.
 */
public final class ResultFileFuzz {
    private static final Path FILE = DeclarationFuzz.temporary("results.jsonl");
    private static final List<String> TASKS = List.of("safety");
    private static final String ID = "the image after those of the file";

    private ResultFileFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        try (DoneKeys keys = new DoneKeys(FILE.toAbsolutePath().getParent());
                ResultFile results = open(keys, false)) {
            results.failed(ID, "http://h/1", TASKS, "no");
        } catch (ConfigException e) {
            if (e.getMessage().isBlank() || !e.getMessage().matches("--out: [^\\p{Cc}]*")) {
                throw new AssertionError("not one line: " + e.getMessage());
            }
            if (!e.getMessage().contains("line ")) {
                throw new AssertionError("names no line: " + e.getMessage());
            }
            require(Arrays.equals(input, Files.readAllBytes(FILE)), "refused and changed");
            return;
        }
        byte[] after = Files.readAllBytes(FILE);
        int whole = 1 + lastLineFeed(input);
        require(
                after.length > whole
                        && Arrays.equals(input, 0, whole, after, 0, whole)
                        && after[whole] == '{',
                "not appended to its last whole line");
        try (DoneKeys keys = new DoneKeys(FILE.toAbsolutePath().getParent());
                ResultFile results = open(keys, false)) {
            require(!keys.add(ID), "what was written is not read");
            require(results.failedBefore() > 0, "an error is not counted");
        }
        try (DoneKeys keys = new DoneKeys(FILE.toAbsolutePath().getParent());
                ResultFile results = open(keys, true)) {
            require(keys.add(ID), "an error that is tried again counts as done");
            require(results.failedBefore() == 0, "errors are left");
        }
    }

    private static ResultFile open(DoneKeys keys, boolean retryErrors) {
        return ResultFile.open(FILE, TASKS, retryErrors, keys, UnaryOperator.identity());
    }

    private static int lastLineFeed(byte[] input) {
        int at = input.length - 1;
        while (at >= 0 && input[at] != '\n') {
            at--;
        }
        return at;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
