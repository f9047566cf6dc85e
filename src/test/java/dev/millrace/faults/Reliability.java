package dev.millrace.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Writes {@code docs/reliability.md}: each row of the promises with what was measured for it. A row
 * begins as failed and is replaced when it holds; what did not run since the last {@code mvn clean}
 * is said not to have run. Only the profile {@code faults} writes: other builds run some rows,
 * smaller.
 */
final class Reliability {
    private static final Path ROWS = Path.of("target", "reliability");
    private static final Path PAGE = Path.of("docs", "reliability.md");
    private static final String FAILED = "**failed**";
    private static final List<String> PROMISES =
            List.of(
                    "`kill -9` loses nothing",
                    "a native crash is contained",
                    "duplicates are recognisable",
                    "the queue may be down for 30 s",
                    "the callback host may be down for 60 s",
                    "slow image hosts starve nobody",
                    "one bad image host is isolated",
                    "no request goes to a forbidden address",
                    "image bombs are cheap",
                    "hostile bytes do no harm",
                    "memory is bounded",
                    "nothing leaks",
                    "SIGTERM drains",
                    "a spot notice drains",
                    "long jobs keep their lease",
                    "partial batch failures are repaired",
                    "the clock may jump by an hour",
                    "a full disk loses nothing",
                    "malformed messages never block",
                    "callbacks are signed",
                    "nothing that strangers send stops a worker",
                    "a worker that stands still says so and ends",
                    "what a decode takes is reserved",
                    "a dead callback host holds no bytes",
                    "SIGTERM ends a worker at any moment",
                    "a slow host gets what it needs beside a quick one",
                    "after an outage of an image host nobody waits for trials",
                    "promises 1, 3, 5 and 16 hold for results in a queue",
                    "promises 1, 3, 5 and 16 hold for results in a topic",
                    "promises 1, 3, 5 and 16 hold for results in a bucket",
                    "promises 1, 3, 5 and 16 hold for results on standard output",
                    "hostile callers harm nobody else",
                    "a worker that ends answers the callers that it took",
                    "callers without a token keep nobody out",
                    "a request that is over ends its work",
                    "messages of many records are answered once",
                    "images that are slow to decode wait within a bound",
                    "the memory of a run does not grow with its images");

    private static final boolean WRITTEN = Boolean.getBoolean("millrace.faults");

    private final int row;
    private final String required;
    private final long seed = Long.getLong("millrace.seed", 20_260_117);

    private Reliability(int row, String required) {
        this.row = row;
        this.required = required;
    }

    /** Begins a row; its seed is printed, and {@code -Dmillrace.seed} sets another. */
    static Reliability row(int row, String required) {
        Reliability begun = new Reliability(row, required);
        System.out.printf("row %d, seed %d%n", row, begun.seed);
        begun.write(FAILED, FAILED);
        return begun;
    }

    /** How many of something: all that the row asks for, or fewer in the other builds. */
    static int sized(int all, int quick) {
        return WRITTEN ? all : quick;
    }

    /** Whether all that the rows ask for is run; in the other builds other tests run beside. */
    static boolean isWhole() {
        return WRITTEN;
    }

    long seed() {
        return seed;
    }

    /**
     * The row holds.
     *
     * @param control what the same check came to without the defence
     */
    void holds(String measured, String control) {
        System.out.printf("row %d: %s | control: %s%n", row, measured, control);
        write(measured, control);
    }

    /** The row cannot be run here; the test ends as skipped, and says why. */
    void cannotRun(String why) {
        write("not run: " + why, "");
        Assumptions.abort("row " + row + " was not run: " + why);
    }

    private void write(String measured, String control) {
        if (!WRITTEN) {
            return;
        }
        try {
            Files.createDirectories(ROWS);
            Files.writeString(
                    ROWS.resolve(row + ".md"),
                    "| %d | %s | %s | %s | %s |%n"
                            .formatted(row, PROMISES.get(row - 1), required, measured, control));
            Files.writeString(PAGE, page());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line below the table, for a figure that no row asks for. */
    static void remark(String name, String line) {
        System.out.println(name + ": " + line);
        if (WRITTEN) {
            try {
                Files.createDirectories(ROWS);
                Files.writeString(ROWS.resolve(name + ".md"), line + "\n");
                Files.writeString(PAGE, page());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String page() throws IOException {
        StringBuilder page = new StringBuilder(HEAD);
        for (int row = 1; row <= PROMISES.size(); row++) {
            Path file = ROWS.resolve(row + ".md");
            page.append(
                    Files.exists(file)
                            ? Files.readString(file)
                            : "| %d | %s | | not run | |%n".formatted(row, PROMISES.get(row - 1)));
        }
        Path defences = ROWS.resolve("defences.md");
        return page + (Files.exists(defences) ? "\n" + Files.readString(defences) : "");
    }

    private static final String HEAD =
            """
            # Reliability

            Written by `mvn verify -Pfaults`; do not edit. Each row breaks something around a real worker and keeps the books: what
            was sent, what the callback sink received, what is left in the queue and in the dead letter queue. Its control runs the
            same check with the defence switched off, or with something that lacks it, and must fail. How to run one row, and what
            the rows do: [development.md](development.md#faults). Row 12, and row 10
            with 200,000 images, are of `mvn verify -Psoak`. `mvn verify` holds smaller rows 8 and 16 as well; with `-Pslow` 9, 19 and 20,
            row 10 in `MutationsTest`, row 21 without its controls in `StrangersIT`, and row 23 in `ReservationTest`.

            | # | promise | required | measured | control |
            |---|---|---|---|---|
            """;
}
