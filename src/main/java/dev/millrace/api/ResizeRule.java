package dev.millrace.api;

/** How an image of any size becomes an input of one size. */
public sealed interface ResizeRule {
    /** The colour of what the image leaves of the input, {@code 0xRRGGBB}. */
    default int fill() {
        return 0;
    }

    /** Both sides are scaled to the input, each by its own factor. */
    record Stretch() implements ResizeRule {}

    /**
     * Both sides are scaled to these, each by its own factor, and the input is cut from the centre.
     *
     * @param width in pixels, at least the input's
     * @param height in pixels, at least the input's
     */
    record StretchCrop(int width, int height) implements ResizeRule {}

    /**
     * The short side is scaled to {@code shortSide} pixels and the input is cut from the centre.
     * Where the image is then smaller than the input, it lies in the centre and the rest is filled.
     */
    record Crop(int shortSide, int fill) implements ResizeRule {
        /** Filled with black, where {@code shortSide} is shorter than a side of the input. */
        public Crop(int shortSide) {
            this(shortSide, 0);
        }
    }

    /**
     * The image keeps its shape and the rest of the input is filled.
     *
     * @param fill the colour of the rest, {@code 0xRRGGBB}
     * @param upscale whether an image smaller than the input is enlarged
     * @param shortSide the short side becomes no longer than this
     */
    record Letterbox(Alignment alignment, int fill, boolean upscale, int shortSide)
            implements ResizeRule {
        /** As large as the input lets it. */
        public Letterbox(Alignment alignment, int fill, boolean upscale) {
            this(alignment, fill, upscale, Integer.MAX_VALUE);
        }
    }

    /**
     * The image keeps its shape and is scaled to fit into {@code width * height}; the input is the
     * centre of that, cut where it is smaller and filled where it is larger.
     */
    record Border(int width, int height, int fill) implements ResizeRule {}

    /** Where a letterboxed image lies. */
    enum Alignment {
        CENTER,
        TOP_LEFT
    }
}
