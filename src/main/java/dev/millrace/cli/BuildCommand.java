package dev.millrace.cli;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.PlanDemand;
import dev.millrace.bundle.plan.PlanStore;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.PlanCompiler;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Builds the plan of a bundle for the GPU of this machine. */
@Command(
        name = "build",
        description =
                "Build a plan for the GPU of this machine, or name the one that fits already.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:there is a plan now",
            "1:TensorRT could not build the plan",
            "2:a mistake in the options or the bundle, or no GPU"
        })
final class BuildCommand implements Callable<Integer> {
    private static final String WITHOUT_GPU =
            "a plan can only be built on a GPU; a worker without one needs no plan";

    private static final int PERCENT = 100;
    private static final Duration LINES = Duration.ofSeconds(5);

    @Mixin private BundleOptions options = new BundleOptions();

    @Option(
            names = "--opt-batch",
            paramLabel = "N",
            description =
                    "Images in the batch that kernels are chosen for (default: the value of"
                            + " --max-batch).")
    private Optional<Integer> optBatch = Optional.empty();

    @Option(
            names = "--workspace",
            paramLabel = "MIB",
            defaultValue = "1024",
            description =
                    "MiB of GPU memory that a kernel may use as scratch space (default:"
                            + " ${DEFAULT-VALUE}).")
    private long workspaceMib;

    @Option(
            names = "--timeout",
            paramLabel = "MINUTES",
            defaultValue = "20",
            description = "Minutes after which the build is ended (default: ${DEFAULT-VALUE}).")
    private long timeout;

    @Option(
            names = "--trt-lib-dir",
            paramLabel = "DIR",
            description =
                    "Folder with NVIDIA's own TensorRT, which then builds the plan (default: the"
                            + " TensorRT that Millrace finds).")
    private Optional<Path> tensorRt = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "File that the plan is written to, even where another plan fits, such as"
                            + " BUNDLE/plans/t4.plan (default: a file in the cache).")
    private Optional<Path> out = Optional.empty();

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        Bundle bundle = options.load();
        int batch = options.maxBatch(bundle);
        PlanStore.BuildSettings settings =
                new PlanStore.BuildSettings(
                        optBatch.orElse(batch), workspaceMib << 20, Duration.ofMinutes(timeout));
        if (settings.optBatch() < 1
                || settings.optBatch() > batch
                || workspaceMib < 1
                || timeout < 1) {
            throw new ConfigException(
                    "--opt-batch: '%s' must be from 1 to --max-batch (%s), and --workspace and --timeout at least 1"
                            .formatted(settings.optBatch(), batch));
        }
        options.precision();
        PrintWriter print = commandSpec.commandLine().getOut();
        try (PlanCompiler compiler = options.gpu().compiler(parent.gpu(), tensorRt, WITHOUT_GPU);
                ProgressLine progress = new ProgressLine(PERCENT, LINES, print::println)) {
            GpuInfo gpu = compiler.gpu();
            print.println(
                    "for %s (%s), TensorRT %s, builder resource %s"
                            .formatted(
                                    gpu.name(),
                                    gpu.architecture(),
                                    gpu.tensorRt(),
                                    compiler.builderResource()));
            PlanDemand demand = options.demand(bundle, gpu, batch);
            Path plan =
                    plan(
                            demand,
                            compiler,
                            settings,
                            (phase, done) -> {
                                int percent = (int) (PERCENT * done);
                                progress.bar(percent, phase);
                                progress.line("  " + percent + " %, " + phase);
                                print.flush();
                            });
            print.println(plan);
        }
        return 0;
    }

    private Path plan(
            PlanDemand demand,
            PlanCompiler compiler,
            PlanStore.BuildSettings settings,
            BiConsumer<String, Double> progress) {
        if (out.isPresent()) {
            options.store().build(demand, compiler, settings, out.get(), progress);
            return out.get();
        }
        return options.store().obtain(demand, () -> compiler, settings, OnMissing.BUILD, progress);
    }
}
