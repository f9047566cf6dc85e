package dev.millrace.lab.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.EngineCommand;
import dev.millrace.cli.GpuOption;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.CudaKernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows how streams hide copies on a GPU, without TensorRT. */
@Command(
        name = "streams",
        description = {
            "Measure copies beside a kernel that spins: with 1, 2 and 3 lanes that have a"
                    + " stream each, as in the worker, and with 2 and 3 batches on three streams.",
            "Shares are of the rate of computing alone; ms are from sending a batch to its"
                    + " end."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the figures were measured",
            "1:the device failed",
            "2:a mistake in the options, or no GPU"
        })
public final class StreamsCommand implements Callable<Integer> {
    private static final String WITHOUT_GPU =
            "streams measures the copies of an NVIDIA GPU; engine overlap --device host measures"
                    + " lanes on the CPU";

    private static final double NANOS = 1e6;

    @Option(
            names = "--rows",
            paramLabel = "N",
            split = ",",
            defaultValue = "8,32,128",
            description = "Images in a batch; each value is measured (default: ${DEFAULT-VALUE}).")
    private List<Integer> rows;

    @Option(
            names = "--spin",
            paramLabel = "MS",
            split = ",",
            defaultValue = "0.1,1,5",
            description =
                    "Milliseconds that a batch computes; each value is measured (default:"
                            + " ${DEFAULT-VALUE}).")
    private List<Double> spins;

    @Option(
            names = "--millis",
            paramLabel = "MS",
            defaultValue = "200",
            description =
                    "Milliseconds that each figure is measured for (default: ${DEFAULT-VALUE}).")
    private int millis;

    @Mixin private GpuOption gpu;
    @Mixin private JsonOption json;
    @ParentCommand private EngineCommand parent;
    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws IOException {
        if (rows.stream().anyMatch(count -> count < 1)
                || spins.stream().anyMatch(spin -> !(spin > 0))
                || millis < 1) {
            throw new ConfigException(
                    "--rows, --spin and --millis: each value must be more than 0");
        }
        json.check();
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        try (CudaDevice device = gpu.cuda(parent.gpu(), WITHOUT_GPU);
                CudaKernels kernels = SpinEngine.kernels(device)) {
            figures.put("device", device.description()).put("free_bytes", device.freeBytes());
            measure(device, kernels, figures.putArray("rows"));
        }
        json.write(figures);
        return 0;
    }

    private void measure(CudaDevice device, CudaKernels kernels, ArrayNode figures) {
        PrintWriter out = commandSpec.commandLine().getOut();
        out.println("copies beside a kernel that spins, on " + device.description());
        out.printf(
                "%5s %7s %10s %10s  %-28s %s%n",
                "rows",
                "spin ms",
                "compute ms",
                "copy in ms",
                "1, 2, 3 lanes",
                "three streams, 2, 3");
        StreamsExperiment experiment =
                new StreamsExperiment(device, kernels, Duration.ofMillis(millis));
        for (int count : rows) {
            for (double spin : spins) {
                StreamsExperiment.Row row =
                        experiment.measure(count, Duration.ofNanos(Math.round(spin * NANOS)));
                print(out, row);
                add(figures.addObject(), row);
            }
        }
    }

    private static void print(PrintWriter out, StreamsExperiment.Row row) {
        out.printf(
                Locale.ROOT,
                "%5d %7.2f %10.3f %10.3f  %s   %s%n",
                row.rows(),
                row.spinMs(),
                row.computeMs(),
                row.copyInMs(),
                shares(row, row.lanes()),
                shares(row, row.threeStreams()));
        out.flush();
    }

    private static String shares(
            StreamsExperiment.Row row, List<StreamsExperiment.Timing> timings) {
        StringBuilder text = new StringBuilder();
        for (StreamsExperiment.Timing timing : timings) {
            double share = 100 * row.computeMs() / timing.batchMs();
            text.append(String.format(Locale.ROOT, "%4.0f%% %.2f ms ", share, timing.latencyMs()));
        }
        return text.toString();
    }

    private static void add(ObjectNode figures, StreamsExperiment.Row row) {
        figures.put("batch", row.rows())
                .put("spin_ms", row.spinMs())
                .put("compute_ms", row.computeMs())
                .put("copy_in_ms", row.copyInMs());
        add(figures.putArray("lanes"), row.lanes(), 1);
        add(figures.putArray("three_streams"), row.threeStreams(), 2);
    }

    private static void add(
            ArrayNode figures, List<StreamsExperiment.Timing> timings, int inFlight) {
        for (StreamsExperiment.Timing timing : timings) {
            figures.addObject()
                    .put("in_flight", inFlight + figures.size() - 1)
                    .put("batch_ms", timing.batchMs())
                    .put("latency_ms", timing.latencyMs());
        }
    }
}
