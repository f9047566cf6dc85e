package dev.millrace.serve.oip;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Any request for inference: one that holds images, or an exception with one line. The first line
 * of an input is the Content-Type, the second the length of the JSON ({@code -} for neither), the
 * rest is the body.
 */
public final class InferenceRequestFuzz {
    static final int MAX_IMAGES = 8;

    private InferenceRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        int first = lineEnd(input, 0);
        int second = lineEnd(input, Math.min(first + 1, input.length));
        byte[] body = Arrays.copyOfRange(input, Math.min(second + 1, input.length), input.length);
        String type = text(input, 0, first);
        String length = text(input, Math.min(first + 1, second), second);
        try {
            check(
                    RequestReader.read(type, RequestReader.headerLength(length), body, MAX_IMAGES),
                    body);
        } catch (BadRequestException e) {
            if (e.getMessage().isBlank()
                    || e.getMessage().length() > 500
                    || e.getMessage().matches("(?s).*[\\p{Cntrl}\\u2028\\u2029].*")
                    || e.status() != 400 && e.status() != 415) {
                throw new AssertionError("not one plain line: " + e.getMessage());
            }
        }
    }

    /** What is read holds no more than the body, and can be answered. */
    private static void check(InferenceRequest request, byte[] body) {
        long bytes = 0;
        for (ImageSource image : request.images()) {
            bytes +=
                    switch (image) {
                        case ImageSource.Bytes file -> file.image().length;
                        case ImageSource.Url url -> url.url().length();
                    };
        }
        if (request.images().isEmpty()
                || request.images().size() > MAX_IMAGES
                || bytes > body.length) {
            throw new AssertionError("more than was sent: " + request);
        }
        String texts = request.id() + String.valueOf(request.images());
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(texts)) {
            throw new AssertionError("nobody can be answered with this: " + request);
        }
    }

    private static int lineEnd(byte[] input, int from) {
        int end = from;
        while (end < input.length && input[end] != '\n') {
            end++;
        }
        return end;
    }

    private static String text(byte[] input, int from, int to) {
        String text = new String(input, from, to - from, StandardCharsets.ISO_8859_1);
        return text.equals("-") ? null : text;
    }
}
