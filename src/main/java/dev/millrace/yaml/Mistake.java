package dev.millrace.yaml;

import java.util.regex.Pattern;

/**
 * A mistake in what a person wrote, as one line: where, the key, its value, and what to do. What
 * looks like a secret of Standard Webhooks is not shown, wherever it stands.
 */
public abstract class Mistake extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Pattern SECRET = Pattern.compile("whsec_[A-Za-z0-9+/=_-]+");

    protected Mistake(String message) {
        super(SECRET.matcher(oneLine(message)).replaceAll("whsec_…"));
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
