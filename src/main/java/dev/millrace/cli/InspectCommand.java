package dev.millrace.cli;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.plan.PlanMatch;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.PlanCompiler.Report;
import dev.millrace.gpu.cuda.DeviceCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says what is in a plan, or in a library with code for GPUs. */
@Command(
        name = "inspect",
        description = {
            "Show what is in a plan: the type and shape of its tensors, its profiles (least, largest"
                    + " and best batch), the library that it was built from, how many layers compute"
                    + " in FP16 and in FP32, and the memory of its weights and of each lane.",
            "BUNDLE is a folder with model.onnx and model.yaml, whose plan is looked for as a worker"
                    + " does, or a plan (*.plan), or a library (lib*.so*). Of a library it shows"
                    + " which PTX and machine code for GPUs it holds, without a GPU."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:the plan was shown", "2:there is no plan that fits, or no GPU"})
final class InspectCommand implements Callable<Integer> {
    private static final String WITHOUT_GPU =
            "a plan can only be read on a GPU; without one, inspect takes a library (*.so)";

    @Mixin private BundleOptions options = new BundleOptions();

    @Option(
            names = "--layers",
            description = "List every layer as well, with its precision, kind and name.")
    private boolean layers;

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        Optional<Path> library = options.library();
        if (library.isPresent()) {
            commandSpec.commandLine().getOut().println(code(library.get()));
            return 0;
        }
        Optional<Path> given = options.plan();
        Optional<Bundle> bundle =
                given.isPresent() ? Optional.empty() : Optional.of(options.load());
        try (PlanCompiler compiler =
                options.gpu().compiler(parent.gpu(), Optional.empty(), WITHOUT_GPU)) {
            Path plan = given.orElseGet(() -> plan(bundle.orElseThrow(), compiler));
            print(plan, compiler.inspect(plan));
        }
        return 0;
    }

    /** What code for GPUs a library holds, such as the builder resource of TensorRT. */
    private static String code(Path library) {
        try {
            return library.getFileName() + ": " + DeviceCode.of(library).description();
        } catch (IOException e) {
            throw new ConfigException(library + " cannot be read: " + e);
        }
    }

    private Path plan(Bundle bundle, PlanCompiler compiler) {
        return options.plan(options.demand(bundle, compiler.gpu(), options.maxBatch(bundle)));
    }

    private void print(Path plan, Report report) {
        PrintWriter out = commandSpec.commandLine().getOut();
        out.println(plan);
        for (PlanCompiler.Tensor tensor : report.tensors()) {
            out.printf(
                    "%-7s %s %s %s%n",
                    tensor.input() ? "input" : "output",
                    tensor.name(),
                    tensor.type().toLowerCase(Locale.ROOT),
                    tensor.shape());
        }
        for (PlanCompiler.OptimizationProfile profile : report.profiles()) {
            out.printf(
                    "profile batch %s to %s, tuned for %s%n",
                    profile.minBatch(), profile.maxBatch(), profile.optBatch());
        }
        Map<String, Long> precisions =
                report.layers().stream()
                        .collect(
                                Collectors.groupingBy(
                                        PlanCompiler.Layer::precision,
                                        TreeMap::new,
                                        Collectors.counting()));
        PlanMatch.builderResource(plan)
                .ifPresent(resource -> out.println("built   from " + resource));
        out.println("layers  " + report.layers().size() + ": " + precisions);
        if (layers) {
            for (PlanCompiler.Layer layer : report.layers()) {
                out.printf("  %s  %s  %s%n", layer.precision(), layer.kind(), layer.name());
            }
        }
        out.printf(
                Locale.ROOT,
                "memory  weights %.1f MiB, each lane %.1f MiB; loaded in %d ms%n",
                report.weightBytes() / 1048576.0,
                report.contextBytes() / 1048576.0,
                report.loadTime().toMillis());
        out.flush();
    }
}
