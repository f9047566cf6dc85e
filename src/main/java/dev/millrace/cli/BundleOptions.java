package dev.millrace.cli;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.bundle.plan.PlanDemand;
import dev.millrace.bundle.plan.PlanGraphs;
import dev.millrace.bundle.plan.PlanStore;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.verify.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command needs that runs or builds a bundle. */
public final class BundleOptions {
    static final int DEFAULT_BATCH = 8;

    @Parameters(
            paramLabel = "BUNDLE",
            description =
                    "Folder with model.onnx and model.yaml, or the model.onnx in it. Required.")
    private Path model;

    @Option(
            names = "--precision",
            paramLabel = "fp16|fp32",
            defaultValue = "fp16",
            description = "Precision that the plan computes in (default: ${DEFAULT-VALUE}).")
    private String precision;

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            description = "Most images in a batch (default: maxBatch of model.yaml, else 8).")
    private Optional<Integer> maxBatch = Optional.empty();

    @Mixin private GpuOption gpu;

    private final Path cache = BundleCache.defaultDirectory();

    public Path folder() {
        return model.toString().endsWith(".onnx") ? model.toAbsolutePath().getParent() : model;
    }

    /** A bundle is called like its folder. */
    public String name() {
        return folder().toAbsolutePath().normalize().getFileName().toString();
    }

    /** Where a plan was named instead of a bundle. */
    Optional<Path> plan() {
        if (!model.toString().endsWith(".plan")) {
            return Optional.empty();
        }
        if (!Files.isRegularFile(model)) {
            throw new ConfigException(model + ": missing; name a plan or a bundle");
        }
        return Optional.of(model);
    }

    /** Where a shared library was named instead of a bundle. */
    Optional<Path> library() {
        boolean named = model.getFileName().toString().matches("lib.*\\.so(\\..*)?");
        return named && Files.isRegularFile(model) ? Optional.of(model) : Optional.empty();
    }

    public Bundle load() {
        return load(folder());
    }

    /**
     * The bundle in a folder, by this user's cache; throws {@link ConfigException} with one line.
     */
    public static Bundle load(Path folder) {
        try {
            return Bundles.load(folder, BundleCache.defaultDirectory());
        } catch (BundleException e) {
            throw new ConfigException(e.getMessage());
        }
    }

    PlanStore store() {
        return new PlanStore(cache);
    }

    Precision precision() {
        for (Precision known : Precision.values()) {
            if (known.label().equals(precision.toLowerCase(Locale.ROOT))) {
                return known;
            }
        }
        throw new ConfigException("--precision: '" + precision + "' must be fp16 or fp32");
    }

    public int maxBatch(Bundle bundle) {
        int batch = maxBatch.or(bundle.origin()::maxBatch).orElse(DEFAULT_BATCH);
        if (batch < 1) {
            throw new ConfigException("--max-batch: '" + batch + "' must be at least 1");
        }
        return Math.min(batch, bundle.launch());
    }

    public GpuOption gpu() {
        return gpu;
    }

    PlanDemand demand(Bundle bundle, GpuInfo gpu, int batch) {
        return new PlanDemand(bundle, gpu, precision(), batch);
    }

    /** The plan that fits; throws {@link ConfigException} that says why others do not. */
    Path plan(PlanDemand demand) {
        return store().find(demand)
                .orElseThrow(() -> new ConfigException(store().refusals(demand).getFirst()));
    }

    /** All cores, for one engine at a time. */
    public static Device host() {
        return HostDevice.computing(Runtime.getRuntime().availableProcessors());
    }

    /**
     * The bundle as the device runs it in the precision that was asked for.
     *
     * @param without what can be done without a GPU, or that nothing can
     */
    public Verification.Side side(
            Bundle bundle, String device, GpuAccess gpus, int batch, String without) {
        EngineSource source = bundle.source(batch);
        return switch (device) {
            case "host" -> new Verification.Side(host(), onHost(bundle, source));
            case "cuda" ->
                    new Verification.Side(
                            gpu.open(gpus, without), onGpu(bundle, source, gpus, without));
            default -> throw new ConfigException("--device: '" + device + "' must be host or cuda");
        };
    }

    private EngineSource onHost(Bundle bundle, EngineSource source) {
        Path graph =
                switch (precision()) {
                    case FP16 -> PlanGraphs.rounding(bundle);
                    case FP32 -> PlanGraphs.of(bundle, Precision.FP32);
                };
        return new EngineSource(
                source.name(), graph, source.inputs(), source.outputs(), source.maxBatch());
    }

    private EngineSource onGpu(Bundle bundle, EngineSource source, GpuAccess gpus, String without) {
        try (PlanCompiler compiler = gpu.compiler(gpus, Optional.empty(), without)) {
            return source.withPlan(plan(demand(bundle, compiler.gpu(), source.maxBatch())));
        }
    }
}
