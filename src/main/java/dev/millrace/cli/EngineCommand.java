package dev.millrace.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What people do with models and plans before a worker runs them. */
@Command(
        name = "engine",
        description = "Build, inspect, verify and measure the plans that a GPU runs.",
        mixinStandardHelpOptions = true,
        subcommands = {BuildCommand.class, InspectCommand.class, VerifyCommand.class})
public final class EngineCommand implements Runnable {
    private final GpuAccess gpu;

    @Spec private CommandSpec commandSpec;

    public EngineCommand() {
        this(GpuAccess.ofThisMachine());
    }

    public EngineCommand(GpuAccess gpu) {
        this.gpu = gpu;
    }

    public GpuAccess gpu() {
        return gpu;
    }

    @Override
    public void run() {
        throw new ParameterException(commandSpec.commandLine(), "say what to do with the engine");
    }
}
