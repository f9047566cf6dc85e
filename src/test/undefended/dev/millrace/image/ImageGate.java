package dev.millrace.image;

/** Reads the size of a JPEG, and believes the rest. */
public final class ImageGate {
    public ImageGate(ImageLimits limits) {}

    public ImageHeader inspect(byte[] body) {
        int at = 2;
        while (true) {
            int code = body[at + 1] & 0xFF;
            if (code >= JpegMarkers.SOF0 && code <= JpegMarkers.SOF2) {
                return new ImageHeader(
                        ImageFormat.JPEG, u16(body, at + 7), u16(body, at + 5), 1, false, false, false,
                        0);
            }
            at += 2 + u16(body, at + 2);
        }
    }

    private static int u16(byte[] body, int at) {
        return (body[at] & 0xFF) << 8 | body[at + 1] & 0xFF;
    }
}
