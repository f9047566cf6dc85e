package dev.millrace.bundle.plan;

import dev.millrace.bundle.Bundle;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.PlanCompiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A compiler without a GPU: its plans are the graph's name and the batches. */
public final class Plans implements PlanCompiler {
    public static final GpuInfo T4 =
            new GpuInfo(0, "Tesla T4", 7, 5, 16L << 30, "13.1", "13.1", "10.15.1.29");

    public final AtomicInteger builds = new AtomicInteger();
    public final List<Options> options = new ArrayList<>();
    private final boolean fails;

    public Plans(boolean fails) {
        this.fails = fails;
    }

    public static PlanDemand demand(Bundle bundle) {
        return new PlanDemand(bundle, T4, Precision.FP16, 8);
    }

    @Override
    public GpuInfo gpu() {
        return T4;
    }

    @Override
    public String builderResource() {
        return "none";
    }

    @Override
    public void build(Path onnx, Options options, Path plan, BiConsumer<String, Double> progress) {
        builds.incrementAndGet();
        this.options.add(options);
        progress.accept("tactics", 0.5);
        try {
            Files.writeString(plan, onnx.getFileName() + " " + options);
            Thread.sleep(50);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (fails) {
            throw new DeviceException("the builder ran out of memory; lower the workspace", false);
        }
    }

    @Override
    public Report inspect(Path plan) {
        return new Report(
                List.of(
                        new Tensor("millrace_pixels", true, "UINT8", List.of(-1, 8, 8, 3)),
                        new Tensor("output", false, "FLOAT", List.of(-1, 3))),
                List.of(new OptimizationProfile(1, 8, 8)),
                List.of(new Layer("conv1", "Convolution", "FP16")),
                3L << 20,
                5L << 20,
                Duration.ofMillis(12));
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
