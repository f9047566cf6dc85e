package dev.millrace.image;

import static dev.millrace.image.Bytes.match;

import dev.millrace.job.FailureException;
import java.util.List;

/**
 * Tells what a body is by its first bytes. What is not decoded is named, because the sender mostly
 * believes to have sent something else.
 */
final class Signature {
    static final String PNG = "\u0089PNG\r\n\u001a\n";

    /** How far into an XML file its root element is looked for. */
    private static final int XML_PROLOGUE = 1024;

    /** What bytes at a place of a file say of it. */
    private record Start(int at, String text, String likeness) {}

    private static final List<Start> STARTS =
            List.of(
                    new Start(0, "BM", "a BMP"),
                    new Start(0, "II*\0", "a TIFF"),
                    new Start(0, "MM\0*", "a TIFF"),
                    new Start(
                            0,
                            "\u001F\u008B",
                            "gzip (perhaps its Content-Encoding header was lost)"),
                    new Start(0, "\0\0\1\0", "an icon (ICO)"),
                    new Start(0, "\u00FF\n", "a JPEG XL"),
                    new Start(4, "JXL ", "a JPEG XL"),
                    new Start(4, "jP  ", "a JPEG 2000"),
                    new Start(0, "\u00FFO\u00FFQ", "a JPEG 2000"),
                    new Start(0, "8BPS", "a Photoshop file"),
                    new Start(0, "%PDF", "a PDF"),
                    new Start(0, "PK\3\4", "a ZIP archive"));

    private Signature() {}

    static ImageFormat formatOf(byte[] body) throws FailureException {
        if (match(body, 0, "\u00FF\u00D8")) {
            return ImageFormat.JPEG;
        }
        if (match(body, 0, PNG)) {
            return ImageFormat.PNG;
        }
        if (match(body, 0, "RIFF") && match(body, 8, "WEBP")) {
            return ImageFormat.WEBP;
        }
        if (match(body, 0, "GIF87a") || match(body, 0, "GIF89a")) {
            return ImageFormat.GIF;
        }
        if (body.length == 0) {
            throw ImageFormat.unsupported(
                    "the body is empty; send a URL that answers with a JPEG, PNG, WebP or GIF");
        }
        if (match(body, 0, "\u0089PNG")) {
            throw ImageFormat.PNG.corrupt(
                    "its signature was changed, as happens in a transfer in text mode");
        }
        throw ImageFormat.unsupported(
                "the body looks like " + likeness(body) + "; send a JPEG, PNG, WebP or GIF");
    }

    private static String likeness(byte[] body) {
        if (match(body, 4, "ftyp")) {
            return container(body);
        }
        for (Start start : STARTS) {
            if (match(body, start.at(), start.text())) {
                return start.likeness();
            }
        }
        if (match(body, 0, "RIFF")) {
            return "a RIFF file of type " + Bytes.name(body, 8);
        }
        return text(body);
    }

    /** ISO base media files: the major brand says what is inside. */
    private static String container(byte[] body) {
        if (match(body, 8, "avi")) {
            return "an AVIF";
        }
        if (match(body, 8, "hei") || match(body, 8, "hev") || match(body, 8, "mif1")) {
            return "a HEIC";
        }
        return "a video (MP4 or QuickTime)";
    }

    private static String text(byte[] body) {
        int at = match(body, 0, "\u00EF\u00BB\u00BF") ? 3 : 0;
        while (at < body.length && (body[at] == ' ' || body[at] >= '\t' && body[at] <= '\r')) {
            at++;
        }
        if (matchIgnoringCase(body, at, "<!doctype html") || matchIgnoringCase(body, at, "<html")) {
            return "an HTML page";
        }
        if (match(body, at, "<")) {
            int end = Math.min(body.length, at + XML_PROLOGUE);
            for (int i = at; i < end; i++) {
                if (matchIgnoringCase(body, i, "<svg")) {
                    return "an SVG";
                }
                if (matchIgnoringCase(body, i, "<html")) {
                    return "an HTML page";
                }
            }
            return "an XML or HTML text";
        }
        if (match(body, at, "{") || match(body, at, "[")) {
            return "a JSON text";
        }
        return "something unknown (it starts with " + Bytes.name(body, 0) + ")";
    }

    /** {@code expected} in lower case. */
    private static boolean matchIgnoringCase(byte[] body, int at, String expected) {
        if (body.length - at < expected.length()) {
            return false;
        }
        for (int i = 0; i < expected.length(); i++) {
            if (Character.toLowerCase(Bytes.u8(body, at + i)) != expected.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
