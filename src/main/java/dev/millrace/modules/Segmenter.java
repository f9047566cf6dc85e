package dev.millrace.modules;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which class each part of the image belongs to. Reads the role {@code classes}, {@code float32 [H,
 * W]}: the number of the class of each pixel of the input, or of a block of pixels where the map is
 * smaller. Writes {@code shares}, label to the part of the image that it covers, greatest first; a
 * class that covers less than the threshold {@code share} (0.001) is left out. The label is that of
 * the greatest. With the option {@code mask} it also writes {@code mask}.
 */
public final class Segmenter extends VisionModule {
    private static final double SHARE = 0.001;

    private final String output;
    private final double least;
    private final boolean withMask;

    public Segmenter(ModelSpec spec) {
        super(spec);
        Scores.requireLabels(spec);
        this.output = spec.output("classes");
        this.least = spec.threshold("share", SHARE);
        this.withMask = spec.option("mask", "false").equals("true");
    }

    /**
     * The map of the image, which may be smaller than the image, as runs of equal classes.
     *
     * @param width in map pixels
     * @param height in map pixels
     * @param runs class and length in turns, row after row from the top left; -1 is a class without
     *     a label
     */
    public record Mask(int width, int height, List<Integer> runs) {
        public Mask {
            runs = List.copyOf(runs);
        }
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        OutputTensor map = outputs.named(output);
        int height = map.shape().getFirst();
        int width = map.shape().getLast();
        MapPlacement onMap =
                new MapPlacement(
                        placement,
                        image,
                        width,
                        height,
                        (double) width / spec().width(),
                        (double) height / spec().height());
        long[] pixels = new long[spec().labels().size()];
        List<Integer> runs = new ArrayList<>();
        int current = Integer.MIN_VALUE;
        int length = 0;
        for (int y = onMap.top(); y < onMap.bottom(); y++) {
            for (int x = onMap.left(); x < onMap.right(); x++) {
                int kind = label(map, y * width + x);
                if (kind >= 0) {
                    pixels[kind]++;
                }
                if (kind != current) {
                    end(runs, current, length);
                    current = kind;
                    length = 0;
                }
                length++;
            }
        }
        end(runs, current, length);
        Map<String, Double> shares = shares(pixels, Math.max(1, onMap.area()));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("shares", shares);
        if (withMask) {
            int columns = onMap.right() - onMap.left();
            fields.put("mask", new Mask(columns, onMap.bottom() - onMap.top(), runs));
        }
        Optional<String> label = shares.keySet().stream().findFirst();
        return new Verdict(label, fields);
    }

    private void end(List<Integer> runs, int kind, int length) {
        if (withMask && length > 0) {
            runs.add(kind);
            runs.add(length);
        }
    }

    /** The class at a place of the map; -1 where it has no label. */
    private int label(OutputTensor map, int at) {
        int kind = Math.round(Scores.finite(map, at));
        boolean named =
                kind >= 0 && kind < spec().labels().size() && !spec().labels().get(kind).isEmpty();
        return named ? kind : -1;
    }

    private Map<String, Double> shares(long[] pixels, long area) {
        Map<String, Double> shares = new LinkedHashMap<>();
        IntStream.range(0, pixels.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer kind) -> pixels[kind]).reversed())
                .filter(kind -> pixels[kind] > 0 && pixels[kind] >= least * area)
                .forEach(
                        kind ->
                                shares.merge(
                                        spec().labels().get(kind),
                                        pixels[kind] / (double) area,
                                        Double::sum));
        return shares;
    }
}
