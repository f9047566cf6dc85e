package dev.millrace.api;

/** How an image of any size becomes an input of one size. */
public sealed interface ResizeRule {
    /** Both sides are scaled to the input, each by its own factor. */
    record Stretch() implements ResizeRule {}

    /**
     * The short side is scaled to {@code shortSide} pixels and the input is cut from the centre.
     *
     * @param shortSide at least as long as the longer side of the input
     */
    record Crop(int shortSide) implements ResizeRule {}

    /**
     * The image keeps its shape and the rest of the input is filled.
     *
     * @param fill the colour of the rest, {@code 0xRRGGBB}
     * @param upscale whether an image smaller than the input is enlarged
     */
    record Letterbox(Alignment alignment, int fill, boolean upscale) implements ResizeRule {}

    /** Where a letterboxed image lies. */
    enum Alignment {
        CENTER,
        TOP_LEFT
    }
}
