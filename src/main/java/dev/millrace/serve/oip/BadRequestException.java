package dev.millrace.serve.oip;

/** A request cannot be read; the message is one line for the caller. No stack: it is a result. */
public final class BadRequestException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int BAD_REQUEST = 400;
    private static final int UNSUPPORTED_MEDIA_TYPE = 415;

    private final int status;

    private BadRequestException(int status, String line) {
        super(line, null, false, false);
        this.status = status;
    }

    BadRequestException(String line) {
        this(BAD_REQUEST, line);
    }

    static BadRequestException unsupported(String line) {
        return new BadRequestException(UNSUPPORTED_MEDIA_TYPE, line);
    }

    /** The HTTP status: 400, or 415 where the body's kind is not served. */
    public int status() {
        return status;
    }
}
