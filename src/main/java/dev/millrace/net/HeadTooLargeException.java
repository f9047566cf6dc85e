package dev.millrace.net;

import java.net.ProtocolException;

/** The head of an answer, or what comes after its body, is larger than is read. */
public final class HeadTooLargeException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    HeadTooLargeException() {
        super(
                "the answer has headers of more than %,d bytes or %d lines"
                        .formatted(HeadLimit.MAX_BYTES, HeadLimit.MAX_LINES));
    }
}
