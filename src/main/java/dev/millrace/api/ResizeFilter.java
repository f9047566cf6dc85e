package dev.millrace.api;

/**
 * What an image is resized with, as Pillow does it: where the image shrinks, the filter is made as
 * much wider, so that every source pixel counts.
 */
public enum ResizeFilter {
    /** A triangle. */
    BILINEAR,

    /** Keys' cubic with a = -0.5, which overshoots at edges; cut to a byte along each axis. */
    BICUBIC
}
