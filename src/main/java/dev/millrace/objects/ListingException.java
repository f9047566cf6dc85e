package dev.millrace.objects;

/** A bucket cannot be listed, or not to its end; the message is one line for a person. */
public final class ListingException extends Exception {
    private static final long serialVersionUID = 1L;

    ListingException(String line) {
        super(line, null, false, false);
    }
}
