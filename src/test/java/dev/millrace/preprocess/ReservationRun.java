package dev.millrace.preprocess;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.ColorOrder;
import dev.millrace.image.HungryImages;
import dev.millrace.image.ImageFormat;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.Mutator;
import dev.millrace.image.TestImages;
import dev.millrace.job.FailureException;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.DearImages;
import dev.millrace.testing.HeapWatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The child of {@link ReservationTest}: decodes one image after the other, each with scratch memory
 * of its own, and holds the most that its thread had allocated against what is reserved for it.
 * Says what differs.
 */
final class ReservationRun {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    /** What decoding may take beside: the states of decoders. */
    private static final long SLACK = 4L << 20;

    /** A photo must take so much of what is reserved for it. */
    private static final double MIN = 0.7;

    /** What a worker has by default. Mutations that declare tens of megapixels would take long. */
    private static final long CAPACITY = 1L << 30;

    private static final long MUTATION_CAPACITY = 192L << 20;

    /**
     * Hostile files beyond these are not broken further: there is nothing in them, or much of the
     * same.
     */
    private static final int SHORT_FILE = 16;

    private static final int LONG_FILE = 100_000;

    private final HeapWatch watch;
    private final Map<ImageFormat, Figures> figures = new EnumMap<>(ImageFormat.class);
    private int complaints;

    private ReservationRun(HeapWatch watch) {
        this.watch = watch;
    }

    /** What was found of one format. */
    private static final class Figures {
        private int decodes;
        private double most;
        private String mostOf = "";
        private double least = Double.MAX_VALUE;
        private String leastOf = "";
        private double slowestMs;
        private String slowest = "";
    }

    /**
     * @param arguments the counting library, the seed, how many mutations; with a negative number
     *     hostile files alone
     */
    public static void main(String... arguments) throws Exception {
        ReservationRun run = new ReservationRun(new HeapWatch(Path.of(arguments[0])));
        run.all(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        if (run.complaints > 0) {
            System.exit(1);
        }
    }

    private void all(long seed, int mutations) throws Exception {
        // What a library does once is no image's.
        EncodedImages.all(64, 48, seed).forEach((name, body) -> take(name, body, 0, CAPACITY));
        for (ImageFormat format : ImageFormat.values()) {
            figures.put(format, new Figures());
        }
        if (mutations >= 0) {
            photos(seed).forEach((name, body) -> take(name, body, MIN, CAPACITY));
        }
        HungryImages.all().forEach(this::checkLetIn);
        DearImages.all().forEach(this::checkLetIn);
        Map<String, byte[]> hostile = hostile();
        hostile.forEach((name, body) -> take(name, body, 0, CAPACITY));
        List<byte[]> ours = new ArrayList<>(hostile.values());
        ours.removeIf(body -> body.length < SHORT_FILE || body.length > LONG_FILE);
        MutationRun others = new MutationRun(seed, true);
        for (int i = 0; i < mutations; i++) {
            byte[] body =
                    i % 4 == 0
                            ? new Mutator(ours, new SplittableRandom(seed * 31 + i)).next()
                            : others.image(i);
            ImageHeader header = header(body);
            if (header != null) {
                int reduction = i % 2 == 0 ? 1 : ImageDecoder.maxReduction(header);
                take("mutation " + i, body, header, reduction, 0, MUTATION_CAPACITY);
            }
        }
        if (mutations >= 0) {
            figures.forEach(ReservationRun::print);
        }
    }

    /** What people send: the photos, and one image of each kind that the decoders treat apart. */
    private static Map<String, byte[]> photos(long seed) {
        Map<String, byte[]> photos = new LinkedHashMap<>();
        for (JsonNode photo : TestImages.photos()) {
            String name = photo.get("file").asText();
            photos.put(name, TestImages.photo(name));
        }
        photos.putAll(EncodedImages.all(1200, 900, seed));
        return photos;
    }

    private static Map<String, byte[]> hostile() {
        Map<String, byte[]> hostile = new LinkedHashMap<>();
        for (JsonNode file : TestImages.hostileManifest()) {
            String name = file.get("file").asText();
            hostile.put(name, TestImages.hostile(name));
        }
        Bombs.all().forEach((name, bomb) -> hostile.put(name, bomb.body()));
        hostile.putAll(HungryImages.all());
        hostile.putAll(DearImages.all());
        return hostile;
    }

    /** Else it would not be decoded, and show nothing. */
    private void checkLetIn(String name, byte[] body) {
        try {
            GATE.inspect(body);
        } catch (FailureException e) {
            complaints++;
            System.out.println(name + " was refused: " + e.getMessage());
        }
    }

    /** Null where the gate refuses it. */
    private static ImageHeader header(byte[] body) {
        try {
            return GATE.inspect(body);
        } catch (FailureException e) {
            return null;
        }
    }

    private void take(String name, byte[] body, double least, long capacity) {
        ImageHeader header = header(body);
        if (header == null) {
            return;
        }
        int most = ImageDecoder.maxReduction(header);
        take(name, body, header, 1, least, capacity);
        take(name, body, header, most, least, capacity);
        take(name + ", turned", body, onItsSide(header), 1, least, capacity);
    }

    private void take(
            String name,
            byte[] body,
            ImageHeader header,
            int reduction,
            double least,
            long capacity) {
        long reserved = ImageDecoder.bytes(body.length, header, reduction);
        if (reserved > capacity) {
            return;
        }
        long startNs = System.nanoTime();
        long taken = taken(body, header, reduction);
        double ms = (System.nanoTime() - startNs) / 1e6;
        Figures figure = figures.computeIfAbsent(header.format(), format -> new Figures());
        figure.decodes++;
        double ratio = (double) taken / reserved;
        // Where little is reserved, the states of decoders are all there is.
        if (ratio > figure.most && reserved >= SLACK / 4) {
            figure.most = ratio;
            figure.mostOf = name;
        }
        if (least > 0 && ratio < figure.least) {
            figure.least = ratio;
            figure.leastOf = name;
        }
        if (ms > figure.slowestMs) {
            figure.slowestMs = ms;
            figure.slowest = name;
        }
        if (taken > reserved + SLACK || ratio < least) {
            complaints++;
            System.out.printf(
                    "%s (%s, %d x %d at 1/%d): took %,d bytes, reserved %,d%n",
                    name,
                    header.format(),
                    header.width(),
                    header.height(),
                    reduction,
                    taken,
                    reserved);
        }
    }

    private long taken(byte[] body, ImageHeader header, int reduction) {
        try (ImageDecoder decoder = new ImageDecoder(ColorOrder.RGB)) {
            watch.begin();
            try {
                decoder.decode(body, header, reduction, false);
            } catch (FailureException e) {
                // What it took until then counts.
            }
            return watch.end();
        }
    }

    private static void print(ImageFormat format, Figures figure) {
        System.out.printf(
                "%s: %,d decodes, at most %.2f of what is reserved where that is 1 MiB or more (%s), photos at least %.2f (%s), slowest %.0f ms (%s)%n",
                format,
                figure.decodes,
                figure.most,
                figure.mostOf,
                figure.least,
                figure.leastOf,
                figure.slowestMs,
                figure.slowest);
    }

    private static ImageHeader onItsSide(ImageHeader header) {
        return new ImageHeader(
                header.format(),
                header.width(),
                header.height(),
                6,
                header.hasAlpha(),
                header.sixteenBit(),
                header.gray(),
                header.firstScanEnd(),
                header.decoderBytes());
    }
}
