package dev.millrace.lab;

import dev.millrace.cli.Millrace;
import dev.millrace.lab.bench.BenchCommand;
import dev.millrace.lab.check.GpuCheckCommand;
import dev.millrace.lab.demo.DemoCommand;
import dev.millrace.lab.demo.QueueCommand;
import dev.millrace.lab.demo.TrainCommand;
import dev.millrace.lab.engine.FaultCommand;
import dev.millrace.lab.engine.GenerateCommand;
import dev.millrace.lab.engine.OverlapCommand;
import dev.millrace.lab.engine.ReloadCommand;
import dev.millrace.lab.engine.StreamsCommand;
import dev.millrace.lab.engine.SweepCommand;
import dev.millrace.lab.engine.TryCommand;
import dev.millrace.lab.imports.ImportCommand;
import dev.millrace.lab.tune.TuneCommand;
import picocli.CommandLine;

/**
 * The entry point of the laboratory: the worker's commands, and those that measure it and show it.
 */
public final class Laboratory {
    private Laboratory() {}

    public static void main(String[] arguments) {
        Millrace.run(commands(), arguments);
    }

    /** All commands, with mistakes answered by one line. */
    public static CommandLine commands() {
        return Millrace.commands(Laboratory::add);
    }

    private static void add(CommandLine commands) {
        commands.addSubcommand(new DemoCommand())
                .addSubcommand(new QueueCommand())
                .addSubcommand(new BenchCommand())
                .addSubcommand(new TuneCommand())
                .addSubcommand(new TrainCommand())
                .addSubcommand(new GpuCheckCommand());
        addEngine(commands.getSubcommands().get("engine"));
    }

    /** Adds the experiments with engines to the command {@code engine}. */
    public static CommandLine addEngine(CommandLine engine) {
        return engine.addSubcommand(new ImportCommand())
                .addSubcommand(new TryCommand())
                .addSubcommand(new SweepCommand())
                .addSubcommand(new OverlapCommand())
                .addSubcommand(new StreamsCommand())
                .addSubcommand(new ReloadCommand())
                .addSubcommand(new FaultCommand())
                .addSubcommand(new GenerateCommand());
    }
}
