package dev.millrace.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.cli.Millrace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What a user reads who mistypes a command or an option: one line, with what to do. */
class UsageMistakesTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(CommandLine commands, String line) {
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                            | millrace: a command is missing; see millrace --help
                    wroker                        | millrace: 'wroker' is not a command; did you mean worker?; see millrace --help
                    engine bild x                 | millrace engine: 'bild' is not a command; did you mean build?; see millrace engine --help
                    engine                        | millrace engine: a command is missing; see millrace engine --help
                    worker                        | millrace worker: --config=FILE is missing; see millrace worker --help
                    worker --confg x              | millrace worker: '--confg' is not an option; did you mean --config?; see millrace worker --help
                    worker --config               | millrace worker: --config needs a value: FILE; see millrace worker --help
                    doctor --confg=x              | millrace doctor: '--confg=x' is not an option; did you mean --config?; see millrace doctor --help
                    doctor extra                  | millrace doctor: 'extra' is one argument too many; see millrace doctor --help
                    submit --queue a              | millrace submit: --tasks=TASK, IMAGE are missing; see millrace submit --help
                    submit --queue a --queue b --tasks c --callback d e | millrace submit: --queue is given twice; see millrace submit --help
                    submit --queue a --tasks b --callback c d --wait --patience x | millrace submit: --patience: 'x' is not a duration; write it like 1500ms, 60s or 5m; see millrace submit --help
                    run                           | millrace run: --out=FILE, IMAGES are missing; see millrace run --help
                    run --out o a b               | millrace run: 'b' is one argument too many; see millrace run --help
                    demo --messages x             | millrace demo: --messages: 'x' is not a whole number; see millrace demo --help
                    demo --messages 99999999999   | millrace demo: --messages: '99999999999' is not a whole number up to 2147483647; see millrace demo --help
                    demo --device gpu             | millrace demo: --device: 'gpu' is not one of auto, cuda, host; see millrace demo --help
                    demo --tasks                  | millrace demo: --tasks needs a value: TASK; see millrace demo --help
                    demo --bogus                  | millrace demo: '--bogus' is not an option; see millrace demo --help
                    bench --latency 5q            | millrace bench: --latency: '5q' is not a time; write it like 100ms or 20s; see millrace bench --help
                    doctor --gpu x                | millrace doctor: --gpu: 'x' is not a whole number; see millrace doctor --help
                    worker --config a --config b  | millrace worker: --config is given twice; see millrace worker --help
                    supervise                     | millrace supervise: --config=FILE is missing; see millrace supervise --help
                    submit --tasks a --callback b c | millrace submit: --queue=URL is missing; see millrace submit --help
                    submit --queue a --tasks b --callback c | millrace submit: IMAGE is missing; see millrace submit --help
                    train --seconds               | millrace train: --seconds needs a value: SECONDS; see millrace train --help
                    queue extra                   | millrace queue: 'extra' is one argument too many; see millrace queue --help
                    engine build                  | millrace engine build: BUNDLE is missing; see millrace engine build --help
                    engine reload --times 1.5 b   | millrace engine reload: --times: '1.5' is not a whole number; see millrace engine reload --help
                    bench --large-share much      | millrace bench: --large-share: 'much' is not a number; see millrace bench --help
                    tune --latency-bound 5        | millrace tune: --latency-bound: '5' is not a time; write it like 100ms or 20s; see millrace tune --help
                    gpu-check --steps 1,x         | millrace gpu-check: --steps: 'x' is not a whole number; see millrace gpu-check --help
                    queue --port x                | millrace queue: --port: 'x' is not a whole number; see millrace queue --help
                    """)
    void aMistakeIsOneLineWithOneHint(String line, String said) {
        assertEquals(Millrace.MISTAKE, run(Laboratory.commands(), line));
        assertEquals(said + System.lineSeparator(), err.toString());
    }

    @ParameterizedTest
    @CsvSource({"help, Commands:", "help worker, --config", "engine help build, --opt-batch"})
    void helpIsACommandToo(String line, String said) {
        assertEquals(0, run(Laboratory.commands(), line), err::toString);
        assertTrue(out.toString().contains(said), out.toString());
    }

    @Test
    void aCommandOfTheLaboratoryIsKnownWhereThereIsNone() {
        CommandLine all = Laboratory.commands();
        List<String> names = new ArrayList<>(all.getSubcommands().keySet());
        all.getSubcommands().get("engine").getSubcommands().keySet().stream()
                .map("engine "::concat)
                .forEach(names::add);
        for (String name : names) {
            CommandLine workers = Millrace.commands();
            for (String word : name.split(" ")) {
                workers = workers == null ? null : workers.getSubcommands().get(word);
            }
            if (workers == null) {
                err.getBuffer().setLength(0);
                run(Millrace.commands(), name);
                assertTrue(err.toString().contains("of the laboratory"), err.toString());
            }
        }
    }
}
