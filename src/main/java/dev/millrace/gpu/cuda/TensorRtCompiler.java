package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.PlanCompiler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds and inspects plans on a GPU, one at a time, on the thread that calls. */
public final class TensorRtCompiler implements PlanCompiler {
    private static final Logger LOG = LoggerFactory.getLogger(TensorRtCompiler.class);

    private final CudaDevice device;
    private final BuilderResource resource;

    private TensorRtCompiler(CudaDevice device, BuilderResource resource) {
        this.device = device;
        this.resource = resource;
    }

    /**
     * Opens a compiler. Throws {@link DeviceException}, one line.
     *
     * @param index of the GPU that is built for
     * @param libraryFolder an installed TensorRT's, searched before all others
     */
    public static TensorRtCompiler open(int index, Optional<Path> libraryFolder) {
        Libraries named = Libraries.fromEnvironment();
        Libraries libraries = libraryFolder.map(named::first).orElse(named);
        CudaDevice device = CudaDevice.open(libraries, new CudaDevice.Options(index, false, false));
        TensorRt.prepareCompiler(libraries);
        List<Path> folders = new ArrayList<>(libraries.folders());
        folders.addAll(BuilderResource.foldersOf("libnvinfer.so"));
        BuilderResource resource = BuilderResource.find(device.gpu(), folders);
        return new TensorRtCompiler(device, resource);
    }

    @Override
    public GpuInfo gpu() {
        return device.gpu();
    }

    @Override
    public String builderResource() {
        return resource.description();
    }

    @Override
    public void build(Path onnx, Options options, Path plan, BiConsumer<String, Double> progress) {
        device.cuda();
        resource.open();
        LOG.info("builder resource: {}", resource.description());
        resource.caution(device.gpu()).ifPresent(LOG::warn);
        try (PlanBuild build = new PlanBuild(onnx, options, progress)) {
            build.run(plan);
        }
    }

    @Override
    public Report inspect(Path file) {
        device.cuda();
        long startNs = System.nanoTime();
        try (TensorRtPlan plan = TensorRtPlan.read(file)) {
            Duration loadTime = Duration.ofNanos(System.nanoTime() - startNs);
            return new Report(
                    plan.tensors(),
                    plan.profiles(),
                    LayerReader.read(plan.layersAsJson()),
                    plan.contextBytes(),
                    plan.weightBytes(),
                    loadTime);
        }
    }

    @Override
    public void close() {
        device.close();
    }
}
