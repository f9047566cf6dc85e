package dev.millrace.lab.engine;

import dev.millrace.bundle.Bundle;
import dev.millrace.cli.BundleOptions;
import dev.millrace.cli.EngineCommand;
import dev.millrace.gpu.Device;
import dev.millrace.verify.Verification;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Finds the batch that suits a model on a device. */
@Command(
        name = "sweep",
        description =
                "Measure throughput, latency and memory of each batch size up to --max-batch,"
                        + " and choose the smallest one within 3 %% of the best throughput.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the figures were measured",
            "1:not even a batch of one image ran, or the device failed",
            "2:a mistake in the options or the bundle, no plan that fits, or no GPU"
        })
public final class SweepCommand implements Callable<Integer> {
    private static final int CHART_WIDTH = 40;

    @Mixin private BundleOptions options = new BundleOptions();
    @Mixin private DeviceOption device;

    @Option(
            names = "--millis",
            paramLabel = "MS",
            defaultValue = "1000",
            description =
                    "Milliseconds that each figure is measured for (default: ${DEFAULT-VALUE}).")
    private int millis;

    @Option(
            names = "--write",
            description = "Write the chosen batch size into model.yaml as maxBatch.")
    private boolean write;

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() {
        Bundle bundle = options.load();
        int batch = options.maxBatch(bundle);
        PrintWriter out = commandSpec.commandLine().getOut();
        Verification.Side side = device.side(options, bundle, parent.gpu(), batch);
        try (Device measured = side.device()) {
            out.println(options.name() + " on " + measured.description());
            out.printf("%6s %10s %12s %12s%n", "batch", "images/s", "ms a batch", "tensors MiB");
            Sweep sweep = new Sweep(measured, TimeUnit.MILLISECONDS.toNanos(millis));
            Sweep.Result result = sweep.run(side.source(), point -> print(out, point));
            out.println();
            chart(out, result);
            out.println("stopped: " + result.end());
            out.println("chosen: batch " + result.chosen());
            if (write) {
                BatchSetting.write(options.folder(), result.chosen());
                out.println("written to " + options.folder().resolve("model.yaml"));
            }
            out.flush();
        }
        return 0;
    }

    private static void print(PrintWriter out, Sweep.Point point) {
        out.printf(
                Locale.ROOT,
                "%6d %10.1f %12.2f %12.1f%n",
                point.batch(),
                point.imagesPerSecond(),
                point.latencyMs(),
                point.tensorBytes() / 1048576.0);
        out.flush();
    }

    private static void chart(PrintWriter out, Sweep.Result result) {
        List<Sweep.Point> points = result.points();
        double best = points.stream().mapToDouble(Sweep.Point::imagesPerSecond).max().orElse(1);
        for (Sweep.Point point : points) {
            int length = (int) Math.round(CHART_WIDTH * point.imagesPerSecond() / best);
            out.printf(
                    Locale.ROOT,
                    "%6d %s %.0f/s%s%n",
                    point.batch(),
                    "#".repeat(length),
                    point.imagesPerSecond(),
                    point.batch() == result.chosen() ? " <- chosen" : "");
        }
    }
}
