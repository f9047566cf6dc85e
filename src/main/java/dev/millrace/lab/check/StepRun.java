package dev.millrace.lab.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A step while it runs: its commands take what is left of its time, and each adds a row to the
 * report, whatever comes of it. Used by one thread.
 */
final class StepRun {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LEAST = Duration.ofSeconds(2);

    private final CheckHost host;
    private final int number;
    private final Commands commands;
    private final Report report;
    private Duration most = Duration.ofDays(1);
    private long endNs;

    /** What makes a verdict of a command. */
    interface Judge {
        Verdict of(Ran ran) throws IOException;
    }

    /**
     * @param limit for all of its commands
     */
    StepRun(CheckHost host, int number, Commands commands, Report report, Duration limit) {
        this.host = host;
        this.number = number;
        this.commands = commands;
        this.report = report;
        this.endNs = System.nanoTime() + limit.toNanos();
    }

    CheckHost host() {
        return host;
    }

    Report report() {
        return report;
    }

    /** Gives no command more than this from now on, so that the others have a share. */
    void each(Duration limit) {
        most = host.scaled(limit);
    }

    /** Lets this step take longer. */
    void extend(Duration by) {
        Duration more = host.scaled(by);
        endNs = Math.max(endNs, System.nanoTime()) + more.toNanos();
    }

    /** Runs a command of Millrace, judged by its exit code. */
    Verdict millrace(String name, String... arguments) throws IOException, InterruptedException {
        return millrace(name, Ran::byExitCode, arguments);
    }

    /** Runs a command of Millrace. */
    Verdict millrace(String name, Judge judge, String... arguments)
            throws IOException, InterruptedException {
        return run(name, judge, Map.of(), host.millrace(arguments));
    }

    /** Runs a command of Millrace that writes figures and judges them itself. */
    Verdict figures(String name, String... arguments) throws IOException, InterruptedException {
        return figures(name, "--json", Optional.empty(), arguments);
    }

    /** Runs a command of Millrace that writes figures, which are judged where it ends well. */
    Verdict figures(String name, Judgement judgement, String... arguments)
            throws IOException, InterruptedException {
        return figures(name, "--json", Optional.of(judgement), arguments);
    }

    /** Runs the demo, which names its file otherwise. */
    Verdict demo(String name, Judgement judgement, String... arguments)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("demo"));
        all.addAll(List.of(arguments));
        return figures(name, "--summary-json", Optional.of(judgement), all.toArray(String[]::new));
    }

    private Verdict figures(
            String name, String option, Optional<Judgement> judgement, String... arguments)
            throws IOException, InterruptedException {
        Path file = host.scratch().resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + ".json");
        List<String> all = new ArrayList<>(host.millrace(arguments));
        all.addAll(List.of(option, file.toString()));
        return run(name, ran -> judged(name, ran, file, judgement), Map.of(), all);
    }

    private Verdict judged(String name, Ran ran, Path file, Optional<Judgement> judgement)
            throws IOException {
        if (Files.isRegularFile(file)) {
            JsonNode written = JSON.readTree(file.toFile());
            report.figures(name, written);
            if (ran.ok() && judgement.isPresent()) {
                return judgement.get().of(written);
            }
            return ran.byExitCode();
        }
        return ran.ok() ? Verdict.failed("the command wrote no figures") : ran.byExitCode();
    }

    /** Runs any command and adds its row. */
    Verdict run(String name, Judge judge, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Duration left = Duration.ofNanos(endNs - System.nanoTime());
        if (left.compareTo(host.scaled(LEAST)) < 0) {
            return add(name, Verdict.skipped("this step had no time left"), 0, "");
        }
        Duration limit = left.compareTo(most) < 0 ? left : most;
        long startNs = System.nanoTime();
        Verdict verdict;
        try {
            verdict = judge.of(commands.run(limit, environment, command));
        } catch (IOException | RuntimeException e) {
            // A program that is not there, or figures that cannot be read.
            verdict = Verdict.failed(String.valueOf(e.getMessage()));
        }
        StringBuilder typed = new StringBuilder();
        environment.forEach((key, value) -> typed.append(key + "=" + value + " "));
        typed.append(String.join(" ", command));
        return add(name, verdict, (System.nanoTime() - startNs) / 1e9, host.shown(typed));
    }

    /** Adds a row for what was not run. */
    Verdict skip(String name, String why) throws IOException {
        return add(name, Verdict.skipped(why), 0, "");
    }

    /** Adds a row for what was found without a command, or in the output of one. */
    Verdict note(String name, Verdict verdict) throws IOException {
        return add(name, verdict, 0, "");
    }

    private Verdict add(String name, Verdict verdict, double seconds, String command)
            throws IOException {
        Verdict shown = new Verdict(verdict.result(), host.shown(verdict.says()));
        Report.Row row = new Report.Row(number, name, shown, seconds, command);
        report.add(row);
        host.said(row);
        return verdict;
    }
}
