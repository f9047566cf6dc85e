package dev.millrace.serve;

import java.util.Map;

/**
 * What a request is answered with.
 *
 * @param headers beside {@code Content-Type} and {@code Content-Length}
 * @param closes whether the connection ends with it, since the rest of the request was not read
 */
record Reply(
        int status, String contentType, byte[] body, Map<String, String> headers, boolean closes) {
    static final String JSON = "application/json";

    static Reply json(int status, byte[] body) {
        return new Reply(status, JSON, body, Map.of(), false);
    }

    Reply closing() {
        return new Reply(status, contentType, body, headers, true);
    }
}
