package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.PlanCompiler.Options;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.StringJoiner;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.MemoryPoolType;
import org.bytedeco.tensorrt.global.nvinfer.NetworkDefinitionCreationFlag;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.ProfilingVerbosity;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvinfer.IOptimizationProfile;
import org.bytedeco.tensorrt.nvinfer.ITensor;
import org.bytedeco.tensorrt.nvinfer.ITimingCache;
import org.bytedeco.tensorrt.nvonnxparser.IParser;
import org.bytedeco.tensorrt.nvonnxparser.IParserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One build, from ONNX to a plan. Owns what TensorRT makes on the way and frees it in reverse, but
 * for the parser: its destructor is not its first virtual function, and a build is rare.
 */
final class PlanBuild implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PlanBuild.class);

    private final Path onnx;
    private final Options options;
    private final BuildPhases phases;
    private final Deque<Pointer> owned = new ArrayDeque<>();

    PlanBuild(Path onnx, Options options, BiConsumer<String, Double> progress) {
        this.onnx = onnx;
        this.options = options;
        this.phases = new BuildPhases(progress);
    }

    void run(Path plan) {
        TensorRtLog.takeError();
        IBuilder builder = own(nvinfer.createInferBuilder(TensorRtLog.INSTANCE), "the builder");
        INetworkDefinition network =
                own(
                        builder.createNetworkV2(
                                1 << NetworkDefinitionCreationFlag.kSTRONGLY_TYPED.value),
                        "the network");
        phases.reached("read the model", 0.05);
        parse(network);
        IBuilderConfig config = own(builder.createBuilderConfig(), "the configuration");
        config.setMemoryPoolLimit(MemoryPoolType.kWORKSPACE, options.workspaceBytes());
        // Otherwise an inspection has nothing to say about precisions.
        config.setProfilingVerbosity(ProfilingVerbosity.kDETAILED);
        addProfile(builder, network, config);
        options.timingCache().ifPresent(file -> loadTimingCache(config, file));
        phases.reached("build", 0.1);
        IHostMemory bytes = compile(builder, network, config);
        phases.reached("write", 0.95);
        write(bytes, plan);
        options.timingCache().ifPresent(file -> saveTimingCache(config, file));
        phases.reached("done", 1);
    }

    private <T extends Pointer> T own(T object, String what) {
        owned.push(TensorRt.made(object, "making " + what));
        return object;
    }

    private void parse(INetworkDefinition network) {
        IParser parser =
                TensorRt.made(
                        nvonnxparser.createParser(network, TensorRtLog.INSTANCE),
                        "making the ONNX parser");
        if (parser.parseFromFile(onnx.toString(), ILogger.Severity.kWARNING.value)) {
            return;
        }
        StringJoiner errors = new StringJoiner("; ");
        for (int i = 0; i < parser.getNbErrors(); i++) {
            IParserError error = parser.getError(i);
            errors.add(
                    "node %s (%s '%s'): %s"
                            .formatted(
                                    error.node(),
                                    error.nodeOperator(),
                                    error.nodeName(),
                                    error.desc().lines().findFirst().orElse("")));
        }
        throw new DeviceException("TensorRT cannot read " + onnx + ": " + errors);
    }

    private void addProfile(IBuilder builder, INetworkDefinition network, IBuilderConfig config) {
        // The builder owns the profile.
        IOptimizationProfile profile =
                TensorRt.made(builder.createOptimizationProfile(), "making the profile");
        for (int i = 0; i < network.getNbInputs(); i++) {
            addInput(profile, network.getInput(i));
        }
        TensorRt.check(config.addOptimizationProfile(profile) >= 0, "addOptimizationProfile");
    }

    private void addInput(IOptimizationProfile profile, ITensor input) {
        try (Dims64 shape = input.getDimensions()) {
            boolean fits =
                    shape.nbDims() > 0 && (shape.d(0) == -1 || shape.d(0) == options.maxBatch());
            if (!fits) {
                throw new DeviceException(
                        "the input '%s' of %s has no dynamic batch; make its first dimension dynamic"
                                .formatted(input.getName(), onnx));
            }
            String name = input.getName();
            setBatch(profile, name, OptProfileSelector.kMIN, shape, options.minBatch());
            setBatch(profile, name, OptProfileSelector.kOPT, shape, options.optBatch());
            setBatch(profile, name, OptProfileSelector.kMAX, shape, options.maxBatch());
        }
    }

    private static void setBatch(
            IOptimizationProfile profile,
            String input,
            OptProfileSelector selector,
            Dims64 shape,
            int batch) {
        TensorRt.check(
                profile.setDimensions(input, selector, shape.d(0, batch)),
                "setDimensions of " + input + " to " + batch + " rows");
    }

    private void loadTimingCache(IBuilderConfig config, Path file) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            MemorySegment copy = arena.allocate(Math.max(1, bytes.length));
            MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
            try (RawPointer start = new RawPointer(copy.address())) {
                ITimingCache cache =
                        own(config.createTimingCache(start, bytes.length), "the timing cache");
                if (!config.setTimingCache(cache, false)) {
                    LOG.warn(
                            "the timing cache {} is for another GPU or version of TensorRT, so it"
                                    + " is not used",
                            file);
                }
            }
        } catch (IOException e) {
            LOG.warn("the timing cache {} cannot be read: {}", file, e.toString());
        }
    }

    private IHostMemory compile(
            IBuilder builder, INetworkDefinition network, IBuilderConfig config) {
        TensorRtLog.listen(phases);
        try {
            return own(builder.buildSerializedNetwork(network, config), "a plan of " + onnx);
        } finally {
            TensorRtLog.listen(_ -> {});
        }
    }

    private void saveTimingCache(IBuilderConfig config, Path file) {
        ITimingCache cache = config.getTimingCache();
        if (cache != null && !cache.isNull()) {
            write(own(cache.serialize(), "the bytes of the timing cache"), file);
        }
    }

    /** A reader never sees half of it. */
    @SuppressWarnings("restricted") // a view on what TensorRT holds
    private static void write(IHostMemory bytes, Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, "." + file.getFileName(), ".part");
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                MemorySegment all =
                        MemorySegment.ofAddress(bytes.data().address()).reinterpret(bytes.size());
                long written = 0;
                while (written < all.byteSize()) {
                    // A ByteBuffer ends at 2 GiB.
                    long left = Math.min(all.byteSize() - written, 1 << 30);
                    written += channel.write(all.asSlice(written, left).asByteBuffer());
                }
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new DeviceException(file + " cannot be written: " + e, e);
        }
    }

    @Override
    public void close() {
        owned.forEach(TensorRt::free);
    }
}
