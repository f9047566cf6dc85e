package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ResizeFilter;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.job.FailureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Each step for one photo of web-like size, in wall time; {@link FloorReport} has the ratios. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PreprocessBenchmark {
    @Param Target target;

    private final Arena arena = Arena.ofShared();
    private final ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
    private final Resizer java = new JavaResizer(ResizeFilter.BILINEAR);
    private final Resizer vector = NativeResizer.create(ResizeFilter.BILINEAR).orElseThrow();
    private final Resizer javaCubic = new JavaResizer(ResizeFilter.BICUBIC);
    private final Resizer vectorCubic = NativeResizer.create(ResizeFilter.BICUBIC).orElseThrow();
    private final DecodedImage image =
            new DecodedImage(ColorOrder.RGB, Fidelity.FAST, DecodeBudget.unlimited());
    private byte[] photo;
    private int reduction;
    private OpenCvPath scaled;
    private OpenCvPath openCv;
    private InputTensor input;
    private Resizer.Window window;
    private MemorySegment pixels;
    private int width;
    private int height;

    /** Takes the photo of a set of 25 that is the middle one by bytes. */
    @Setup
    public void prepare() throws FailureException {
        List<byte[]> photos = WebPhotos.make(25, 4);
        photo = photos.stream().sorted((a, b) -> a.length - b.length).toList().get(12);
        ImageHeader header = gate.inspect(photo);
        window = target.window(header);
        reduction = target.reduction(header);
        MemorySegment row = arena.allocate(3L * target.side * target.side);
        input = new InputTensor(0, target.side, target.side, row);
        openCv = new OpenCvPath(photo, arena, row, window.width(), window.height());
        scaled = new OpenCvPath(photo, arena, row, window.width(), window.height());
        Mat decoded = scaled.decode(reduction);
        width = decoded.cols();
        height = decoded.rows();
        pixels = ImageDecoder.bytes(decoded, 3L * width * height);
    }

    @Benchmark
    public Mat decodeWhole() {
        return openCv.decode(1);
    }

    @Benchmark
    public Mat decodeToHalf() {
        return openCv.decode(2);
    }

    @Benchmark
    public Mat decodeToQuarter() {
        return openCv.decode(4);
    }

    @Benchmark
    public Mat decodeToEighth() {
        return openCv.decode(8);
    }

    @Benchmark
    public void resizeJava() {
        resize(java);
    }

    @Benchmark
    public void resizeNative() {
        resize(vector);
    }

    @Benchmark
    public void resizeJavaBicubic() {
        resize(javaCubic);
    }

    @Benchmark
    public void resizeNativeBicubic() {
        resize(vectorCubic);
    }

    private void resize(Resizer resizer) {
        resizer.resize(
                pixels, width, height, 3L * width, window, input.pixels(), 0, 3L * target.side);
    }

    @Benchmark
    public void resizeOpenCvArea() {
        scaled.resize(opencv_imgproc.INTER_AREA);
    }

    @Benchmark
    public void resizeOpenCvLinear() {
        scaled.resize(opencv_imgproc.INTER_LINEAR);
    }

    /** The floor of {@link #whole}. */
    @Benchmark
    public Mat decodeAtScale() {
        return openCv.decode(reduction);
    }

    @Benchmark
    public void whole() throws FailureException {
        image.show(photo, gate.inspect(photo));
        image.fit(target.rule, input);
        image.forget();
    }

    @TearDown
    public void free() {
        image.close();
        vector.close();
        vectorCubic.close();
        java.close();
        javaCubic.close();
        openCv.close();
        scaled.close();
        arena.close();
    }
}
