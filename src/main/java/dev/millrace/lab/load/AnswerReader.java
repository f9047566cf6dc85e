package dev.millrace.lab.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds where an answer of HTTP/1.1 ends, and keeps it until the next one begins. It knows answers
 * with a length and chunked ones; no other can be on a connection that is used again. Used by one
 * thread.
 */
final class AnswerReader {
    /** Answers are verdicts; a server that writes more into one is not what is measured here. */
    private static final int MOST_BYTES = 1 << 24;

    private static final byte[] END_OF_HEAD = bytes("\r\n\r\n");
    private static final byte[] LAST_CHUNK = bytes("\r\n0\r\n\r\n");
    private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length:[ \t]*(\\d{1,8})");
    private static final String CHUNKED = "\r\ntransfer-encoding: chunked";
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private byte[] kept = new byte[4096];
    private int size;
    private int bodyAt;
    private int length;
    private int status;
    private boolean closes;

    void reset() {
        size = 0;
        bodyAt = 0;
    }

    /**
     * Takes what came.
     *
     * @return whether the answer is whole
     */
    boolean take(ByteBuffer came) throws IOException {
        int more = came.remaining();
        if (size + more > MOST_BYTES) {
            throw new IOException("the answer is longer than 16 MiB");
        }
        if (size + more > kept.length) {
            kept = Arrays.copyOf(kept, Math.max(2 * kept.length, size + more));
        }
        came.get(kept, size, more);
        size += more;
        if (bodyAt == 0) {
            readHead();
        }
        if (bodyAt == 0) {
            return false;
        }
        return length >= 0 ? size >= bodyAt + length : endsWith(LAST_CHUNK);
    }

    private void readHead() throws IOException {
        int end = headEnd();
        if (end == 0) {
            return;
        }
        String head =
                new String(kept, 0, end, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        if (!head.startsWith("http/1.1 ") || end < STATUS_AT + 3) {
            throw new IOException("the answer is not one of HTTP/1.1");
        }
        status = Integer.parseInt(head.substring(STATUS_AT, STATUS_AT + 3));
        closes = head.contains("\r\nconnection: close");
        Matcher found = LENGTH.matcher(head);
        if (found.find()) {
            length = Integer.parseInt(found.group(1));
        } else if (head.contains(CHUNKED)) {
            length = -1;
        } else {
            throw new IOException("the answer says neither its length nor that it is chunked");
        }
        bodyAt = end;
    }

    private int headEnd() {
        for (int at = 0; at + END_OF_HEAD.length <= size; at++) {
            if (matches(END_OF_HEAD, at)) {
                return at + END_OF_HEAD.length;
            }
        }
        return 0;
    }

    private boolean endsWith(byte[] text) {
        // An answer of no chunk but the last has the end of the head before it.
        int at = size - text.length;
        return at >= bodyAt - 2 && matches(text, at);
    }

    private boolean matches(byte[] text, int at) {
        return Arrays.equals(kept, at, at + text.length, text, 0, text.length);
    }

    int status() {
        return status;
    }

    /** Whether the server closes the connection behind this answer. */
    boolean closes() {
        return closes;
    }

    /** The body of a whole answer as it came, with the lines of its chunks where it has some. */
    String body() {
        return new String(kept, bodyAt, size - bodyAt, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
