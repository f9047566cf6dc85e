package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeFilter;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.image.Mutator;
import dev.millrace.image.TestImages;
import dev.millrace.job.FailureException;
import dev.millrace.testing.BareDecode;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.Memory;
import dev.millrace.testing.Photos;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URISyntaxException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The child of {@link Mutations}: puts one broken image after the other through all that the
 * preprocess stage does with one, and notes in a mapped file at which it is.
 */
final class MutationRun {
    private static final int SMALL_WIDTH = 96;
    private static final int SMALL_HEIGHT = 64;

    /** One in so many is made of a photo; the others are quick, and mostly structure. */
    private static final int PHOTO_EACH = 25;

    /** Without the gate, one in so many is a bomb as it is. */
    private static final int BOMB_EACH = 50;

    private static final long HANG_NS = 60_000_000_000L;
    private static final int HANGS = 3;
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    /**
     * A progressive JPEG of few bytes may declare 50 MP and is decoded: what bounds the memory of
     * one image is the budget.
     */
    private static final long DECODE_BYTES = 192L << 20;

    private final DecodeBudget budget = new DecodeBudget(DECODE_BYTES);
    private final long seed;
    private final boolean guarded;
    private final List<byte[]> small;
    private final List<byte[]> photos = new ArrayList<>();
    private final List<byte[]> bombs = Bombs.all().values().stream().map(Bombs.Bomb::body).toList();
    private final List<Path> crashers;
    private int passed;
    private int refused;
    private long slowestNs;
    private long slowest = -1;
    private volatile long since = System.nanoTime();

    MutationRun(long seed, boolean guarded) {
        this.seed = seed;
        this.guarded = guarded;
        this.small = new ArrayList<>(EncodedImages.all(SMALL_WIDTH, SMALL_HEIGHT, seed).values());
        for (String name : List.of("animated.gif", "animated.apng", "webp-named.jpg")) {
            small.add(TestImages.hostile(name));
        }
        Photos.names().forEach(name -> photos.add(TestImages.photo(name)));
        this.crashers = crashers();
    }

    /** What once did harm, kept for ever. */
    private static List<Path> crashers() {
        try (Stream<Path> files =
                Files.list(Path.of(MutationRun.class.getResource("/crashers").toURI()))) {
            return files.filter(file -> !file.toString().endsWith(".md")).sorted().toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("no folder of crashers among the test resources", e);
        }
    }

    /**
     * @param arguments seed, first image, how many, whether the gate is there, the journal
     */
    public static void main(String... arguments) throws Exception {
        MutationRun run =
                new MutationRun(Long.parseLong(arguments[0]), Boolean.parseBoolean(arguments[3]));
        Thread.ofPlatform().daemon().name("watchdog").start(run::watch);
        run.run(Long.parseLong(arguments[1]), Long.parseLong(arguments[2]), Path.of(arguments[4]));
    }

    private void run(long from, long count, Path file) throws Exception {
        try (RandomAccessFile journal = new RandomAccessFile(file.toFile(), "rw");
                Arena arena = Arena.ofConfined()) {
            MappedByteBuffer current =
                    journal.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
            List<Way> ways = new ArrayList<>();
            ResizeFilter triangle = ResizeFilter.BILINEAR;
            ResizeFilter cubic = ResizeFilter.BICUBIC;
            ResizeRule stretch = new ResizeRule.Stretch();
            ways.add(new Way(arena, 224, stretch, triangle, Fidelity.FAST, ColorOrder.RGB));
            ResizeRule crop = new ResizeRule.Crop(180);
            ways.add(new Way(arena, 160, crop, cubic, Fidelity.EXACT, ColorOrder.BGR));
            ways.add(
                    new Way(
                            arena,
                            416,
                            new ResizeRule.Letterbox(ResizeRule.Alignment.CENTER, 0x727272, true),
                            triangle,
                            Fidelity.HIGH,
                            ColorOrder.RGB));
            for (byte[] original : photos) {
                ways.forEach(way -> way.take(original));
            }
            small.forEach(original -> ways.forEach(way -> way.take(original)));
            passed = 0;
            refused = 0;
            slowestNs = 0;
            Memory.trim();
            Memory.resetPeak();
            long base = Memory.resident();
            long kept = guarded ? crashers.size() : 0;
            for (long n = -kept; n < count; n++) {
                long i = n < 0 ? n : from + n;
                current.putLong(0, i);
                since = System.nanoTime();
                byte[] body = image(i);
                long startNs = CPU.getCurrentThreadCpuTime();
                ways.get(Math.floorMod(i, ways.size())).take(body);
                long tookNs = CPU.getCurrentThreadCpuTime() - startNs;
                if (tookNs > slowestNs) {
                    slowestNs = tookNs;
                    slowest = i;
                }
            }
            System.out.printf(
                    "report %d %d %d %d %d %d %d%n",
                    kept + count, passed, refused, slowestNs, slowest, base, Memory.peak());
            ways.forEach(Way::close);
        }
    }

    /**
     * The image of this number; it depends on nothing but the seed. Below zero are the crashers.
     */
    byte[] image(long number) throws IOException {
        if (number < 0) {
            return Files.readAllBytes(crashers.get((int) (-number - 1)));
        }
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        if (!guarded && number % BOMB_EACH == 0) {
            return bombs.get((int) (number / BOMB_EACH % bombs.size()));
        }
        return new Mutator(random.nextInt(PHOTO_EACH) == 0 ? photos : small, random).next();
    }

    /** Ends the process where an image never ends. */
    private void watch() {
        try {
            while (System.nanoTime() - since < HANG_NS) {
                Thread.sleep(1000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.println("no end after " + HANG_NS / 1_000_000_000 + " s");
        Runtime.getRuntime().halt(HANGS);
    }

    /** One model's way with an image. */
    private final class Way implements AutoCloseable {
        private final ImagePreprocessor preprocessor;
        private final InputTensor input;

        Way(
                Arena arena,
                int side,
                ResizeRule rule,
                ResizeFilter filter,
                Fidelity fidelity,
                ColorOrder order) {
            ModelSpec spec =
                    new ModelSpec(
                            "mutations",
                            "1",
                            "none",
                            side,
                            side,
                            rule,
                            filter,
                            fidelity,
                            order,
                            new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            Optional.empty(),
                            Map.of());
            preprocessor = new ImagePreprocessor(new NoVerdict(spec), budget);
            input = new InputTensor(0, side, side, arena.allocate(3L * side * side));
        }

        void take(byte[] body) {
            if (!guarded) {
                boolean decoded = BareDecode.decode(body);
                passed += decoded ? 1 : 0;
                refused += decoded ? 0 : 1;
                return;
            }
            try {
                preprocessor.preprocess(body, input);
                passed++;
            } catch (FailureException e) {
                refused++;
                if (!e.getMessage().matches("[ -~]{20,200}")) {
                    throw new AssertionError("not one plain line: " + e.getMessage());
                }
            }
        }

        @Override
        public void close() {
            preprocessor.close();
        }
    }

    /** What the images are resized for. */
    private static final class NoVerdict extends VisionModule {
        NoVerdict(ModelSpec spec) {
            super(spec);
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            throw new UnsupportedOperationException();
        }
    }
}
