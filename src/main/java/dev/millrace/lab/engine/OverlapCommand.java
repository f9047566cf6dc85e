package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.millrace.bundle.Bundle;
import dev.millrace.cli.BundleOptions;
import dev.millrace.cli.EngineCommand;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.verify.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows whether two lanes hide the copies of a model's batches. */
@Command(
        name = "overlap",
        description = {
            "Measure how well two lanes hide the copies of a model's batches; with --device host or"
                    + " --simulate without a GPU.",
            "The columns compute ms, one lane ms and two lanes ms are times per batch. The lines below the"
                    + " table explain each column."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the figures were measured",
            "1:the device failed",
            "2:a mistake in the options or the bundle, no plan that fits, or no GPU"
        })
public final class OverlapCommand implements Callable<Integer> {
    @Mixin private BundleOptions options = new BundleOptions();
    @Mixin private DeviceOption device;
    @Mixin private JsonOption json;

    @Option(
            names = "--simulate",
            paramLabel = "A,B,IN,OUT",
            description =
                    "Simulated device to measure in the place of a real one: A ms per batch, B ms"
                            + " per image, IN and OUT ms for a batch's copies (default: none).")
    private Optional<String> simulate = Optional.empty();

    @Option(
            names = "--batches",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,8,32",
            description = "Images in a batch; each value is measured (default: ${DEFAULT-VALUE}).")
    private List<Integer> batches;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "100",
            description = "Batches that each figure is measured over (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--plain", description = "Launch batches call by call, without CUDA graphs.")
    private boolean plain;

    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        json.check();
        Bundle bundle = options.load();
        int most = batches.stream().mapToInt(Integer::intValue).max().orElseThrow();
        if (batches.stream().anyMatch(batch -> batch < 1) || rounds < 1) {
            throw new ConfigException("--batches and --rounds: each value must be at least 1");
        }
        PrintWriter out = commandSpec.commandLine().getOut();
        ArrayNode figures = JsonMapper.builder().build().createArrayNode();
        Verification.Side side = side(bundle, most);
        try (Device measured = plain ? plain(side.device()) : side.device();
                Engine engine = measured.load(side.source())) {
            out.println(options.name() + " on " + measured.description());
            out.printf(
                    "%6s %12s %12s %12s %8s %8s%n",
                    "batch", "compute ms", "one lane ms", "two lanes ms", "hidden", "gain");
            for (int batch : batches) {
                Overlap overlap = Overlap.measure(measured, engine, batch, rounds);
                print(out, overlap);
                add(figures, overlap);
            }
            explain(out);
        }
        json.write(figures);
        return 0;
    }

    private static void explain(PrintWriter out) {
        out.println();
        out.println("compute ms: time per batch of computing alone, without copies");
        out.println("one lane ms: time per batch of copying in, computing and copying out in turn");
        out.println("two lanes ms: time per batch where one lane copies while the other computes");
        out.println("hidden: compute ms / two lanes ms; at 100 % no copy costs time");
        out.println("gain: one lane ms / two lanes ms, how many times as fast two lanes are");
        out.flush();
    }

    private static Device plain(Device device) {
        if (device instanceof CudaDevice cuda) {
            return cuda.withoutGraphs();
        }
        device.close();
        throw new ConfigException("--plain: only a GPU has CUDA graphs; leave --plain out");
    }

    private Verification.Side side(Bundle bundle, int batch) {
        if (simulate.isPresent()) {
            return new Verification.Side(
                    HostDevice.simulated(ThisMachine.cost(simulate.get())), bundle.source(batch));
        }
        return device.side(options, bundle, parent.gpu(), batch);
    }

    private static void print(PrintWriter out, Overlap overlap) {
        out.printf(
                Locale.ROOT,
                "%6d %12.3f %12.3f %12.3f %7.1f%% %8.2f%n",
                overlap.batch(),
                overlap.computeMs(),
                overlap.seriesMs(),
                overlap.overlappedMs(),
                100 * overlap.hidden(),
                overlap.gain());
        out.flush();
    }

    private static void add(ArrayNode figures, Overlap overlap) {
        figures.addObject()
                .put("batch", overlap.batch())
                .put("compute_ms", overlap.computeMs())
                .put("series_ms", overlap.seriesMs())
                .put("double_ms", overlap.overlappedMs())
                .put("copy_ms", overlap.seriesMs() - overlap.computeMs());
    }
}
