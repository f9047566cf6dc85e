package dev.millrace.lab.engine;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a model to measure with, where none may be downloaded. */
@Command(
        name = "generate",
        description = "Write a bundle with the shape of ResNet-50 and seeded random weights.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:written",
            "2:a mistake in the options, or the folder has a bundle and --force is missing"
        })
public final class GenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "Where model.onnx and model.yaml go.")
    private Path folder;

    @Option(names = "--seed", defaultValue = "7", description = "Default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--width",
            defaultValue = "64",
            description = "Channels of the first stage (default ${DEFAULT-VALUE}).")
    private int width;

    @Option(names = "--classes", defaultValue = "1000", description = "Default ${DEFAULT-VALUE}.")
    private int classes;

    @Option(
            names = "--size",
            defaultValue = "224",
            description = "Of the input, in pixels (default ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--one-convolution",
            description = "Only one convolution instead: the least that TensorRT can build.")
    private boolean oneConvolution;

    @Option(
            names = "--force",
            description = "Replace model.onnx and model.yaml where FOLDER has them.")
    private boolean force;

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        if (!force) {
            requireNone(folder.resolve("model.onnx"));
            requireNone(folder.resolve("model.yaml"));
        }
        if (oneConvolution) {
            RandomResNet.writeConvolution(folder, seed);
        } else {
            RandomResNet.write(folder, seed, width, classes, size);
        }
        commandSpec.commandLine().getOut().println(folder.resolve("model.onnx"));
        return 0;
    }

    private static void requireNone(Path file) {
        if (Files.exists(file)) {
            throw new ConfigException(
                    "'" + file + "' exists; name another folder, or give --force to replace it");
        }
    }
}
