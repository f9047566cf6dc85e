package dev.millrace.bundle;

/** A mistake in a bundle, as one line: the file, the key, its value, and what to do. */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(oneLine(message));
    }

    public static BundleException of(Object file, String key, Object value, String remedy) {
        return new BundleException(file + ": " + key + ": '" + value + "' " + remedy);
    }

    /** Parsers and runtimes like to explain themselves in paragraphs. */
    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
