package dev.millrace.source;

/** A body is no request; the message is one line. Has no stack trace: it is a result. */
public final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String line) {
        super(line, null, false, false);
    }

    /** The same of what stands in a field. */
    MalformedRequestException in(String field) {
        return new MalformedRequestException("in " + field + ": " + getMessage());
    }
}
