package dev.millrace.nativelib;

/** A shared library, or a function in one, is not there. The message is the reason, one line. */
public final class MissingLibraryException extends Exception {
    private static final long serialVersionUID = 1L;

    public MissingLibraryException(String message) {
        super(message);
    }
}
