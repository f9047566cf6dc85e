package dev.millrace.yaml;

/** A mistake in what a person wrote, as one line: where, the key, its value, and what to do. */
public abstract class Mistake extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected Mistake(String message) {
        super(oneLine(message));
    }

    /** Parsers and runtimes like to explain themselves in paragraphs. */
    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** The line for a value that cannot be. */
    protected static String line(Object where, String key, Object value, String remedy) {
        return where + ": " + key + ": '" + value + "' " + remedy;
    }
}
