package dev.millrace.gpu.build;

import dev.millrace.gpu.PlanCompiler;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a builder is told on its command line.
 *
 * @param gpu the index of the GPU that is built for
 * @param libraryFolder an installed TensorRT's, where one is named
 * @param onnx the graph
 * @param plan the file that is written
 */
record BuildOrder(
        int gpu, Optional<Path> libraryFolder, Path onnx, PlanCompiler.Options options, Path plan) {
    List<String> arguments() {
        return List.of(
                Integer.toString(gpu),
                libraryFolder.map(Path::toString).orElse(""),
                onnx.toString(),
                plan.toString(),
                Integer.toString(options.minBatch()),
                Integer.toString(options.optBatch()),
                Integer.toString(options.maxBatch()),
                Long.toString(options.workspaceBytes()),
                options.timingCache().map(Path::toString).orElse(""));
    }

    /** Of the same order: the limit is the starter's to keep. */
    static BuildOrder of(String[] arguments) {
        return new BuildOrder(
                Integer.parseInt(arguments[0]),
                path(arguments[1]),
                Path.of(arguments[2]),
                new PlanCompiler.Options(
                        Integer.parseInt(arguments[4]),
                        Integer.parseInt(arguments[5]),
                        Integer.parseInt(arguments[6]),
                        Long.parseLong(arguments[7]),
                        path(arguments[8])),
                Path.of(arguments[3]));
    }

    private static Optional<Path> path(String argument) {
        return argument.isEmpty() ? Optional.empty() : Optional.of(Path.of(argument));
    }
}
