package dev.millrace.bundle.graph;

/** The two images that a graph is tried on: smooth, as photos are, and unlike each other. */
final class ProbeImage {
    private ProbeImage() {}

    /**
     * A ramp with a disc on it, {@code uint8 [height, width, 3]}.
     *
     * @param second whether it goes down, else across
     */
    static byte[] of(int height, int width, boolean second) {
        byte[] image = new byte[height * width * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double dx = (x + 0.5) / width - (second ? 0.7 : 0.35);
                double dy = (y + 0.5) / height - (second ? 0.3 : 0.6);
                boolean disc = dx * dx + dy * dy < (second ? 0.02 : 0.06);
                int ramp = second ? 255 - 255 * y / height : 255 * x / width;
                for (int c = 0; c < 3; c++) {
                    int value = disc ? (second ? 40 + 90 * c : 220 - 80 * c) : ramp - 20 * c;
                    image[3 * (y * width + x) + c] = (byte) Math.clamp(value, 0, 255);
                }
            }
        }
        return image;
    }
}
