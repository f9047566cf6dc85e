package dev.millrace.net;

import java.time.Duration;

/**
 * How long HTTP may take, and what it keeps.
 *
 * @param connect one TCP connection, and one question to a name server
 * @param read between two bytes
 * @param call from the request to the last byte of the answer, whatever the server does
 * @param idleConnections kept for the next call at most
 */
public record HttpLimits(Duration connect, Duration read, Duration call, int idleConnections) {
    public HttpLimits {
        positive("connect", connect);
        positive("read", read);
        positive("call", call);
        if (idleConnections < 0) {
            throw new IllegalArgumentException(
                    "idleConnections: " + idleConnections + " is negative; use 0 or more");
        }
    }

    private static void positive(String what, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    what + ": " + value + " is not a time to wait; use more than 0");
        }
    }
}
