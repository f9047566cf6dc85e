package dev.millrace.image;

/** The formats that are decoded. */
public enum ImageFormat {
    JPEG("jpeg", "JPEG"),
    PNG("png", "PNG"),
    WEBP("webp", "WebP"),
    GIF("gif", "GIF");

    private final String wireName;
    private final String label;

    ImageFormat(String wireName, String label) {
        this.wireName = wireName;
        this.label = label;
    }

    /** The name in results and metrics. */
    public String wireName() {
        return wireName;
    }

    /** The name in messages to people. */
    String label() {
        return label;
    }
}
