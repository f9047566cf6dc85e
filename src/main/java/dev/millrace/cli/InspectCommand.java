package dev.millrace.cli;

import dev.millrace.bundle.Bundle;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.PlanCompiler.Report;
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

/** Says what is in a plan. */
@Command(
        name = "inspect",
        description = "Show tensors, profiles, layers with their precision, and memory of a plan.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:shown", "2:there is no plan that fits, or no GPU"})
final class InspectCommand implements Callable<Integer> {
    @Mixin private BundleOptions options = new BundleOptions();

    @Option(names = "--layers", description = "List every layer, not only their numbers.")
    private boolean layers;

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        Optional<Path> given = options.plan();
        Optional<Bundle> bundle =
                given.isPresent() ? Optional.empty() : Optional.of(options.load());
        try (PlanCompiler compiler = parent.gpu().compiler(Optional.empty())) {
            Path plan = given.orElseGet(() -> plan(bundle.orElseThrow(), compiler));
            print(plan, compiler.inspect(plan));
        }
        return 0;
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
