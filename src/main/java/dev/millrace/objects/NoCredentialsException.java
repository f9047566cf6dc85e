package dev.millrace.objects;

/** Nobody gave the worker credentials of AWS, or those who should do not answer. */
public final class NoCredentialsException extends Exception {
    private static final long serialVersionUID = 1L;

    NoCredentialsException(String line) {
        super(line, null, false, false);
    }
}
