package dev.millrace.api;

/**
 * What is known of an image once it is decoded.
 *
 * @param width in pixels, upright
 * @param height in pixels, upright
 * @param format {@code jpeg}, {@code png}, {@code webp} or {@code gif}
 * @param bytes the encoded size
 */
public record ImageInfo(int width, int height, String format, long bytes) {}
