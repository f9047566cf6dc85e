package dev.millrace.lab.engine;

import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.CudaKernels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * An engine whose batches keep the whole GPU busy for a set time and compute nothing: what streams
 * do to copies and computing is seen with it where TensorRT builds no plan. A batch is several
 * kernels, as a model's is, so that those of two batches can take turns. Used by one thread.
 */
final class SpinEngine implements Engine {
    /** Of one batch. */
    private static final int KERNELS = 4;

    private static final TensorSpec INPUT =
            new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(224, 224, 3));
    private static final TensorSpec OUTPUT =
            new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(1000));

    private final EngineSource source;
    private final CudaKernels.Kernel kernel;

    SpinEngine(CudaKernels kernels, Duration batch, int maxBatch) {
        this.source =
                new EngineSource(
                        "spin", Path.of("none"), List.of(INPUT), List.of(OUTPUT), maxBatch);
        this.kernel = kernels.everywhere("spin", batch.toNanos() / KERNELS);
    }

    /** The kernels of the experiments, on a device. */
    static CudaKernels kernels(CudaDevice device) {
        try (InputStream ptx = SpinEngine.class.getResourceAsStream("kernels.ptx")) {
            return new CudaKernels(
                    device, new String(ptx.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public EngineSource source() {
        return source;
    }

    @Override
    public Context createContext() {
        return new Context() {
            @Override
            public void bind(String tensor, Memory memory) {
                // The kernel reads and writes nothing.
            }

            @Override
            public void enqueue(int batch, Stream stream) {
                source.requireBatch(batch);
                for (int i = 0; i < KERNELS; i++) {
                    kernel.launch(stream);
                }
            }

            @Override
            public void close() {
                // It holds nothing.
            }
        };
    }

    @Override
    public void close() {
        // The kernels are closed by who loaded them.
    }
}
