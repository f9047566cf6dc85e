package dev.millrace.serve.oip;

/** Where an image of a request comes from. */
public sealed interface ImageSource {
    /**
     * The file itself.
     *
     * @param image the request's own array where the body was nothing else; nobody changes it
     */
    record Bytes(byte[] image) implements ImageSource {}

    /** An address, as it was written; whether it may be called is for others to say. */
    record Url(String url) implements ImageSource {}
}
