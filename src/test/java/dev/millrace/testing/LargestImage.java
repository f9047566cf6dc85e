package dev.millrace.testing;

/** The largest image that is allowed by default: a JPEG of 49 megapixels and nearly 20 MiB. */
public final class LargestImage {
    private static final int SIDE = 7000;
    private static final int COMMENT_BYTES = 65_533;
    private static final int COMMENTS = (20 << 20) / (4 + COMMENT_BYTES) - 4;

    private LargestImage() {}

    public static byte[] jpeg() {
        byte[] comment = JpegParts.segment(0xFE, new byte[COMMENT_BYTES]);
        byte[] comments = StreamBombs.repeated(comment, comment.length * COMMENTS);
        byte[] pixels = new byte[JpegParts.blocks(SIDE, SIDE) / 4 + 1];
        return JpegParts.jpeg(0xC0, SIDE, SIDE, 1, comments, JpegParts.scan(1, 0, 63, pixels));
    }
}
