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

/**
 * Where text stands. Reads the role {@code map}, {@code float32 [1, H, W]}: the probability of text
 * per pixel of the input (or per block of pixels, where the map is smaller). Pixels above the
 * threshold {@code bitmap} (0.3) that touch are one region; it is text if its mean probability
 * reaches {@code box} (0.6) and both its sides {@value #MIN_SIDE} pixels.
 *
 * <p>Writes {@code boxes}, from top to bottom, at most {@value #MAX}, in pixels of the upright
 * image, and {@code text_fraction}, the part of the image that regions of text cover. The label is
 * {@code text} or {@code none}.
 *
 * <p>Networks trained by differentiable binarization mark the core of a line only. The threshold
 * {@code unclip} (0) grows a box by {@code area * unclip / perimeter} on each side, as PaddleOCR
 * does with 1.5.
 */
public final class TextDetector extends VisionModule {
    private static final int MIN_SIDE = 3;
    private static final int MAX = 1000;

    private final String output;
    private final float bitmapThreshold;
    private final double boxThreshold;
    private final double unclip;

    public TextDetector(ModelSpec spec) {
        super(spec);
        this.output = spec.output("map");
        this.bitmapThreshold = (float) spec.threshold("bitmap", 0.3);
        this.boxThreshold = spec.threshold("box", 0.6);
        this.unclip = spec.threshold("unclip", 0);
    }

    /**
     * One region of text.
     *
     * @param score its mean probability
     * @param box x1, y1, x2, y2 in pixels of the upright image
     */
    public record TextBox(float score, List<Float> box) {
        public TextBox {
            box = List.copyOf(box);
        }
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        OutputTensor map = outputs.named(output);
        int height = map.shape().get(map.shape().size() - 2);
        int width = map.shape().getLast();
        MapPlacement onMap =
                new MapPlacement(
                        placement,
                        image,
                        width,
                        height,
                        (double) width / spec().width(),
                        (double) height / spec().height());
        Regions regions = new Regions(map, width, bitmapThreshold);
        List<TextBox> boxes = new ArrayList<>();
        long textPixels = 0;
        for (Regions.Region region :
                regions.find(onMap.left(), onMap.top(), onMap.right(), onMap.bottom())) {
            if (isText(region)) {
                textPixels += region.pixels();
                boxes.add(new TextBox((float) region.mean(), box(region, onMap)));
            }
        }
        boxes.sort(
                Comparator.comparing((TextBox box) -> box.box().get(1))
                        .thenComparing(box -> box.box().get(0)));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("text_fraction", textPixels / (double) Math.max(1, onMap.area()));
        fields.put("boxes", boxes.subList(0, Math.min(boxes.size(), MAX)));
        return Verdict.of(boxes.isEmpty() ? "none" : "text", fields);
    }

    private boolean isText(Regions.Region region) {
        return region.mean() >= boxThreshold
                && region.width() >= MIN_SIDE
                && region.height() >= MIN_SIDE;
    }

    private List<Float> box(Regions.Region region, MapPlacement onMap) {
        double area = (double) region.width() * region.height();
        double grow = area * unclip / (2.0 * (region.width() + region.height()));
        return List.of(
                onMap.imageX(region.left() - grow),
                onMap.imageY(region.top() - grow),
                onMap.imageX(region.right() + grow),
                onMap.imageY(region.bottom() + grow));
    }
}
