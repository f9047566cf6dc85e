package dev.millrace.deliver;

/** No further attempt may be made, since the queue may have given the message to somebody else. */
final class LostLeaseException extends Exception {
    private static final long serialVersionUID = 1L;

    LostLeaseException() {
        super("the lease of the message is over", null, false, false);
    }
}
