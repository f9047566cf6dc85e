package dev.millrace.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What people do with models and plans before a worker runs them. */
@Command(
        name = "engine",
        description = "Build, inspect, verify and measure the plans that a GPU runs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BuildCommand.class,
            InspectCommand.class,
            VerifyCommand.class,
            CommandLine.HelpCommand.class
        })
public final class EngineCommand {
    private final GpuAccess gpu;

    public EngineCommand() {
        this(GpuAccess.ofThisMachine());
    }

    public EngineCommand(GpuAccess gpu) {
        this.gpu = gpu;
    }

    public GpuAccess gpu() {
        return gpu;
    }
}
