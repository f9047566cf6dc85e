package dev.millrace.lab.check;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Proves as much of Millrace on a GPU host as ten minutes allow, and writes the report of it. */
@Command(
        name = "gpu-check",
        description = {
            "Run ten steps on a GPU host, each with its own limit, in ten minutes at most."
                    + " A step that fails does not keep the others from running.",
            "The results are in gpu-check.md, gpu-check.json and gpu-check.log."
                    + " scripts/gpu-check.sh starts this command."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:something failed; the report says what",
            "2:a mistake in the options"
        })
public final class GpuCheckCommand implements Callable<Integer> {
    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "gpu-check",
            description = "Folder that the report is written to (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--steps",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,3,4,5,6,7,8,9,10",
            description = "Steps to run, by their numbers (default: ${DEFAULT-VALUE}).")
    private List<Integer> wanted;

    @Option(
            names = "--patience",
            hidden = true,
            defaultValue = "1",
            description = "What the limits are multiplied with, for tests.")
    private double patience;

    @Option(
            names = "--effort",
            hidden = true,
            defaultValue = "1",
            description = "The share of messages and rounds that is run, for tests.")
    private double effort;

    @Spec private CommandSpec commandSpec;

    /** All of them, in their order. */
    static List<Step> steps() {
        PlanSteps plan = new PlanSteps();
        WorkerSteps worker = new WorkerSteps(plan);
        return List.of(
                Step.of(1, "host", 10, DeviceSteps::host),
                Step.of(2, "device contract", 20, DeviceSteps::contract),
                Step.of(3, "streams", 30, DeviceSteps::streams),
                Step.of(4, "plan", 60, plan::build),
                Step.of(5, "verify", 40, plan::verify),
                Step.of(6, "overlap", 60, plan::overlap),
                Step.of(7, "worker", 60, worker::worker),
                Step.of(8, "lost device", 40, DeviceSteps::fault),
                Step.of(9, "reload", 40, plan::reload),
                Step.of(10, "the rest", 120, worker::rest));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Step> all = steps();
        if (wanted.stream().anyMatch(number -> number < 1 || number > all.size())) {
            throw new ConfigException("--steps: each step must be from 1 to " + all.size());
        }
        Files.createDirectories(out);
        Path scratch = Files.createTempDirectory("gpu-check");
        try {
            return run(all, scratch);
        } finally {
            remove(scratch);
        }
    }

    private int run(List<Step> all, Path scratch) throws IOException, InterruptedException {
        PrintWriter print = commandSpec.commandLine().getOut();
        Path home = Path.of(System.getProperty("millrace.home", ".")).toAbsolutePath().normalize();
        CheckHost host = new CheckHost(home, patience, effort, scratch, print);
        Path log = out.resolve("gpu-check.log");
        Files.deleteIfExists(log);
        Commands commands = new Commands(log, scratch);
        Report report = new Report(LocalDate.now(ZoneOffset.UTC).toString());
        report.fact("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        for (Step step : all) {
            if (wanted.contains(step.number())) {
                StepRun here =
                        new StepRun(
                                host, step.number(), commands, report, host.scaled(step.limit()));
                try {
                    step.work().run(here);
                } catch (IOException | RuntimeException e) {
                    // No step keeps another from what it can do.
                    here.note(step.title(), Verdict.failed("the step broke off: " + e));
                }
                // Now, since this host may be taken away before the end.
                write(report, all);
            }
        }
        print.println();
        print.print(Files.readString(out.resolve("gpu-check.md")));
        print.flush();
        return report.good() ? 0 : 1;
    }

    private void write(Report report, List<Step> all) throws IOException {
        Files.writeString(out.resolve("gpu-check.md"), new Page(report, all).text());
        Files.writeString(
                out.resolve("gpu-check.json"),
                report.json().toPrettyString() + System.lineSeparator());
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
