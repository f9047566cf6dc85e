package dev.millrace.gpu.cuda;

/** A shared library, or a function in one, is not there. The message is the reason, one line. */
final class MissingLibraryException extends Exception {
    private static final long serialVersionUID = 1L;

    MissingLibraryException(String message) {
        super(message);
    }
}
