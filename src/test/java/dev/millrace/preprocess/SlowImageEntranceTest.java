package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.lmax.disruptor.Sequence;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.image.TestImages;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Job;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.job.NativeGuard;
import dev.millrace.job.Request;
import dev.millrace.job.StageClock;
import dev.millrace.job.Trace;
import dev.millrace.testing.Messages;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An image that takes long to decode holds up none of those behind it. */
class SlowImageEntranceTest {
    private static final int SIDE = 32;
    private static final long SOON_NS = TimeUnit.SECONDS.toNanos(10);

    private final CountDownLatch largeBegun = new CountDownLatch(1);
    private final CountDownLatch largeMayEnd = new CountDownLatch(1);
    private final AtomicInteger largePrepared = new AtomicInteger();

    /** Four of the queue's and four of callers. */
    private final PreparedRows rows = new PreparedRows(8L * SIDE * SIDE * 3);

    private final VisionModule module = new Waiting();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final Duties duties = new Duties(fault::set);
    private final List<PreprocessProcessor> processors = new ArrayList<>();
    private final List<DutyThread> threads = new ArrayList<>();
    private final byte[] small = TestImages.photo("photo-1200x675-osprey.jpg");
    private JobRing ring;
    private SlowImageEntrance entrance;

    /** Does not come to an end with a large image until it may. */
    private final class Waiting extends VisionModule {
        Waiting() {
            super(
                    new ModelSpec(
                            "waiting",
                            "1",
                            "test",
                            SIDE,
                            SIDE,
                            new ResizeRule.Stretch(),
                            Fidelity.FAST,
                            ColorOrder.RGB,
                            new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            Optional.empty()));
        }

        @Override
        public Placement preprocess(Image image, InputTensor input) {
            Placement placement = super.preprocess(image, input);
            if (image.width() >= 2000) {
                largePrepared.incrementAndGet();
                largeBegun.countDown();
                try {
                    assertTrue(largeMayEnd.await(30, TimeUnit.SECONDS));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return placement;
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            throw new AssertionError("nothing is postprocessed here");
        }
    }

    @BeforeEach
    void start() {
        ring =
                new JobRing(
                        "waiting",
                        64,
                        HostDevice.computing(1),
                        new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(SIDE, SIDE, 3)),
                        List.of(new TensorSpec("score", TensorSpec.Type.FLOAT32, List.of(1))));
        ring.gate(new Sequence());
        entrance = new SlowImageEntrance(ring, this::preprocessor, 1, rows, duties);
        Sequence claimed = new Sequence();
        for (int i = 0; i < 2; i++) {
            processors.add(new PreprocessProcessor(ring, claimed, preprocessor()));
            threads.add(duties.thread("preprocess-" + i, processors.getLast()));
            threads.getLast().start();
        }
    }

    private JobPreprocessor preprocessor() {
        return new JobPreprocessor(
                module, DecodeBudget.unlimited(), NativeGuard.NONE, new StageClock());
    }

    @AfterEach
    void stop() throws InterruptedException {
        largeMayEnd.countDown();
        threads.forEach(DutyThread::close);
        entrance.close();
        ring.close();
        assertNull(fault.get());
    }

    private static byte[] png(int width, int height) {
        OpenCv.load();
        try (Mat image = new Mat(height, width, opencv_core.CV_8UC3, new Scalar(10, 200, 90, 0));
                BytePointer out = new BytePointer()) {
            opencv_imgcodecs.imencode(".png", image, out);
            byte[] png = new byte[(int) out.limit()];
            out.get(png);
            return png;
        }
    }

    private Thread publish(JobEntrance to, byte[] body) {
        return Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                assertTrue(to.publish(Messages.of("waiting"), 0, body));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    /** Waits until the stage has passed so many jobs; says whether it did within the time. */
    private boolean passed(int jobs, long nanos) throws InterruptedException {
        return ring.await(
                () ->
                        processors.stream()
                                        .mapToLong(processor -> processor.sequence().get())
                                        .min()
                                        .orElseThrow()
                                >= jobs - 1,
                nanos);
    }

    @Test
    void aLargeImageHoldsUpNoneBehindIt() throws Exception {
        Thread large = publish(entrance, png(3000, 2000));
        assertTrue(largeBegun.await(10, TimeUnit.SECONDS));
        for (int i = 0; i < 8; i++) {
            publish(entrance, small).join();
        }

        assertTrue(passed(8, SOON_NS), "eight small images must pass beside the large one");
        largeMayEnd.countDown();
        large.join();
        assertTrue(passed(9, SOON_NS));
        Job last = ring.get(8);
        assertEquals(3000, last.image().width());
        assertEquals(Optional.empty(), last.failure());
        assertTrue(last.times(0, 0).decodeNs() > 0);
        assertNull(last.prepared(), "the pixels are in the row and nowhere else");
    }

    @Test
    void whatIsOfferedGoesInAtOnceUnlessItIsSlow() throws Exception {
        assertTrue(entrance.offer(ofCaller(), 0, small));
        assertTrue(passed(1, SOON_NS));
        assertFalse(entrance.offer(ofCaller(), 0, png(3000, 2000)), "it would wait for a thread");
        assertEquals(0, ring.cursor());
    }

    private static Message ofCaller() {
        return new Message(
                Delivery.ofCaller("image", System.nanoTime(), Trace.NONE),
                new Request(
                        "id", "", List.of("waiting"), new Destination.Caller(), Optional.empty()),
                (_, _) -> {});
    }

    /** Negative control: without the side entrance the stage does not come past it. */
    @Test
    void withoutASideEntranceItHoldsUpAll() throws Exception {
        publish(ring, png(3000, 2000));
        assertTrue(largeBegun.await(10, TimeUnit.SECONDS));
        for (int i = 0; i < 8; i++) {
            publish(ring, small).join();
        }

        assertFalse(passed(1, TimeUnit.MILLISECONDS.toNanos(300)));
    }

    @Test
    void itsRowHoldsWhatTheRingWouldHaveWritten() throws Exception {
        largeMayEnd.countDown();
        byte[] body = png(3000, 2000);
        publish(entrance, body).join();
        publish(ring, body).join();
        assertTrue(passed(2, SOON_NS));

        Job aside = ring.get(0);
        Job straight = ring.get(1);
        assertArrayEquals(
                straight.input().pixels().toArray(ValueLayout.JAVA_BYTE),
                aside.input().pixels().toArray(ValueLayout.JAVA_BYTE));
        assertEquals(straight.placement(), aside.placement());
        assertEquals(straight.image(), aside.image());
    }

    @Test
    void aLargeImageThatIsCorruptIsADeadRow() throws Exception {
        byte[] cut = TestImages.pngHeader(4000, 3000, 8, 2);
        publish(entrance, cut).join();
        assertTrue(passed(1, SOON_NS));

        Failure failure = ring.get(0).failure().orElseThrow();
        assertEquals(Failure.Kind.CORRUPT_IMAGE, failure.kind());
    }

    @Test
    void whereAllAreLargeTheyAreTheRings() throws Exception {
        byte[] cut = TestImages.pngHeader(4000, 3000, 8, 2);
        JobRing other = ringWithoutThreads();
        try (other;
                SlowImageEntrance first =
                        new SlowImageEntrance(other, this::preprocessor, 1, rows, duties)) {
            for (int i = 0; i < 32; i++) {
                publish(first, cut).join();
            }
            assertNotNull(other.get(0).prepared(), "the first stands out against nothing");
            assertNotNull(other.get(31).body(), "the last does not stand out against its like");
        }
    }

    private static JobRing ringWithoutThreads() {
        JobRing other =
                new JobRing(
                        "other",
                        64,
                        HostDevice.computing(1),
                        new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(SIDE, SIDE, 3)),
                        List.of());
        other.gate(new Sequence());
        return other;
    }

    @Test
    void aReplacedModelTakesNoMore() throws Exception {
        SlowImageEntrance replaced =
                new SlowImageEntrance(ring, this::preprocessor, 1, rows, duties);
        replaced.close();
        assertFalse(replaced.publish(Messages.of("waiting"), 0, png(3000, 2000)));
    }

    /** Each would hold a row on the heap, and any number may come. */
    @Test
    void whileTheRingStandsStillNoMoreImagesArePreparedThanTheBudgetHolds() throws Exception {
        largeMayEnd.countDown();
        byte[] large = png(3000, 2000);
        JobRing still = ringWithoutThreads();
        List<Thread> waiting = new ArrayList<>();
        try (still;
                SlowImageEntrance entrance =
                        new SlowImageEntrance(still, this::preprocessor, 2, rows, duties)) {
            for (int i = 0; i < 12; i++) {
                for (int j = 0; j < 8; j++) {
                    entrance.offer(ofCaller(), 0, small);
                }
                waiting.add(publish(entrance, large));
            }
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            while (largePrepared.get() <= 4 && System.nanoTime() < endNs) {
                Thread.sleep(20);
            }
            assertEquals(4, largePrepared.get(), "rows on the heap");
            Thread ofCaller =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            entrance.publish(ofCaller(), 0, large);
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });
            waiting.add(ofCaller);
            while (largePrepared.get() <= 4 && System.nanoTime() < endNs + SOON_NS) {
                Thread.sleep(20);
            }
            assertEquals(5, largePrepared.get(), "a caller's image does not wait for the queue's");
            waiting.forEach(Thread::interrupt);
            for (Thread thread : waiting) {
                assertTrue(thread.join(java.time.Duration.ofSeconds(10)), "it heeds no interrupt");
            }
        }
    }

    @Test
    void whatIsPublishedGivesItsRoomBack() throws Exception {
        largeMayEnd.countDown();
        byte[] large = png(3000, 2000);
        byte[] cut = TestImages.pngHeader(4000, 3000, 8, 2);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 8; j++) {
                publish(entrance, small).join();
            }
            for (byte[] body : List.of(large, cut)) {
                assertTrue(
                        publish(entrance, body).join(java.time.Duration.ofSeconds(10)),
                        "no room came back");
            }
        }
        assertEquals(6, largePrepared.get());
    }
}
