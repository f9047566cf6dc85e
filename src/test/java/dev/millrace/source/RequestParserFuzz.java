package dev.millrace.source;

import java.nio.charset.StandardCharsets;

/** Any message body: a request, or {@link MalformedRequestException} with one line. */
public final class RequestParserFuzz {
    private RequestParserFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            RequestParser.parse(new String(input, StandardCharsets.UTF_8), "message");
        } catch (MalformedRequestException e) {
            if (e.getMessage().isBlank() || e.getMessage().matches("(?s).*\\p{Cntrl}.*")) {
                throw new AssertionError("not one plain line: " + e.getMessage());
            }
        }
    }
}
