package dev.millrace.serve.oip;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads the body of a request for inference in any of its forms: the bare image, JSON, or JSON with
 * binary data behind it. The body is a stranger's: no number in it is believed.
 */
public final class RequestReader {
    /** The header that says how many bytes of a body are JSON. */
    public static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    private static final int MAX_SHOWN = 160;
    private static final String SERVED =
            "; send the image as image/* or application/octet-stream, or a request as"
                    + " application/json";

    private RequestReader() {}

    /**
     * What the header {@value #HEADER_LENGTH} says.
     *
     * @param value null where the request does not have it
     */
    public static OptionalInt headerLength(String value) throws BadRequestException {
        if (value == null) {
            return OptionalInt.empty();
        }
        String digits = value.strip();
        if (!digits.matches("[0-9]{1,9}")) {
            throw new BadRequestException(
                    HEADER_LENGTH
                            + " is '"
                            + shown(value)
                            + "'; give the number of bytes of the JSON in front of the binary"
                            + " data");
        }
        return OptionalInt.of(Integer.parseInt(digits));
    }

    /**
     * Reads a request.
     *
     * @param contentType null where the request does not say
     * @param headerLength of the JSON in front of binary data, where the request says so
     * @param body kept by the result where it is the image
     * @param maxImages how many a request may hold
     * @throws BadRequestException with one line for the caller
     */
    public static InferenceRequest read(
            String contentType, OptionalInt headerLength, byte[] body, int maxImages)
            throws BadRequestException {
        String type = mediaType(contentType);
        if (body.length == 0) {
            throw new BadRequestException("the body is empty; send an image or a request as JSON");
        }
        if (headerLength.isPresent()) {
            int length = headerLength.getAsInt();
            requireAgreement(type, length, body.length);
            return length == 0
                    ? bare(body, RequestedOutputs.ALL_BINARY)
                    : new JsonRequest(body, length, maxImages).read();
        }
        boolean json = type.equals("application/json") || type.isEmpty() && beginsAsJson(body);
        return json
                ? new JsonRequest(body, body.length, maxImages).read()
                : bare(body, RequestedOutputs.ALL_JSON);
    }

    private static InferenceRequest bare(byte[] body, RequestedOutputs outputs) {
        return new InferenceRequest(
                Optional.empty(), List.of(new ImageSource.Bytes(body)), Optional.empty(), outputs);
    }

    private static void requireAgreement(String type, int length, int size)
            throws BadRequestException {
        if (length < 0 || length > size) {
            throw new BadRequestException(
                    HEADER_LENGTH
                            + " is "
                            + length
                            + ", but the body has "
                            + size
                            + " bytes; give the number of bytes of the JSON in front of the"
                            + " binary data");
        }
        if (length == 0 && type.equals("application/json")) {
            throw new BadRequestException(
                    HEADER_LENGTH
                            + " is 0, so the body would be the image, but Content-Type is"
                            + " application/json; leave one of them out");
        }
        if (length > 0 && type.startsWith("image/")) {
            throw new BadRequestException(
                    HEADER_LENGTH
                            + " is "
                            + length
                            + ", so the body would begin with JSON, but Content-Type is "
                            + type
                            + "; leave one of them out");
        }
    }

    /**
     * The media type, empty where the request does not say one: Triton's client sends none, and
     * curl says that of a form for whatever it is told to send.
     */
    private static String mediaType(String contentType) throws BadRequestException {
        if (contentType == null) {
            return "";
        }
        int semicolon = contentType.indexOf(';');
        String type =
                (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                        .strip()
                        .toLowerCase(Locale.ROOT);
        switch (type) {
            case "", "application/x-www-form-urlencoded" -> {
                return "";
            }
            case "application/octet-stream" -> {
                return type;
            }
            case "application/json" -> {
                String parameters = semicolon < 0 ? "" : contentType.substring(semicolon);
                requireUtf8(parameters.toLowerCase(Locale.ROOT).replace("\"", ""));
                return type;
            }
            case "multipart/form-data" ->
                    throw BadRequestException.unsupported(
                            "Content-Type is multipart/form-data, which is not served; send the"
                                    + " file itself as the body (curl --data-binary @cat.jpg)");
            default -> {
                if (type.matches("image/[!-~]+")) {
                    return type;
                }
                throw BadRequestException.unsupported(
                        "Content-Type is '" + shown(type) + "', which is not served" + SERVED);
            }
        }
    }

    private static void requireUtf8(String parameters) throws BadRequestException {
        int charset = parameters.indexOf("charset=");
        if (charset >= 0 && !parameters.startsWith("charset=utf-8", charset)) {
            throw BadRequestException.unsupported(
                    "Content-Type is application/json in another charset than UTF-8; send UTF-8");
        }
    }

    private static boolean beginsAsJson(byte[] body) {
        for (byte b : body) {
            if (b == '{') {
                return true;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return false;
    }

    /** On one line, and not longer than a line. */
    static String shown(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", "?");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "…";
    }
}
