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
        description = "Write a bundle with the shape of ResNet-50 and random weights.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the bundle was written",
            "2:a mistake in the options, or the folder has a bundle and --force is missing"
        })
public final class GenerateCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FOLDER",
            description = "Folder that model.onnx and model.yaml are written to. Required.")
    private Path folder;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "7",
            description = "Seed of the random weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--width",
            paramLabel = "N",
            defaultValue = "64",
            description = "Channels of the first stage (default: ${DEFAULT-VALUE}).")
    private int width;

    @Option(
            names = "--classes",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Classes that the model tells apart (default: ${DEFAULT-VALUE}).")
    private int classes;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "224",
            description = "Width and height of the input, in pixels (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--one-convolution",
            description = "Write a single convolution instead, the least that TensorRT can build.")
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
