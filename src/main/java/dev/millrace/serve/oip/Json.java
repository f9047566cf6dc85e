package dev.millrace.serve.oip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;

/** How JSON of strangers is read here: within limits, and with one line for each mistake. */
final class Json {
    /** Of names, URLs and ids. Images are never read as text. */
    private static final int MAX_TEXT = 8192;

    static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(16)
                                    .maxNumberLength(40)
                                    .maxNameLength(256)
                                    .maxStringLength(MAX_TEXT)
                                    .maxTokenCount(100_000)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build();

    private Json() {}

    /**
     * A parser of the first bytes of a body.
     *
     * @throws BadRequestException where they are no JSON object in UTF-8
     */
    static JsonParser parser(byte[] body, int length) throws IOException, BadRequestException {
        // With this beginning it is UTF-8 for the parser, whose offsets then are those of bytes.
        boolean begins = body[0] == '{' || body[0] == ' ' || body[0] >= '\t' && body[0] <= '\r';
        if (!begins || length < 2 || body[1] == 0) {
            throw new BadRequestException(
                    (body[0] == (byte) 0xef
                                    ? "the JSON begins with a byte order mark"
                                    : "the JSON does not begin with '{'")
                            + "; send one object in UTF-8, or the image as image/*");
        }
        // A factory keeps the names that it has met, and strangers chose these.
        return FACTORY.copy().createParser(body, 0, length);
    }

    static BadRequestException broken(JsonProcessingException e) {
        String at =
                e.getLocation() == null || e.getLocation().getByteOffset() < 0
                        ? ""
                        : " at byte " + e.getLocation().getByteOffset();
        // Whoever sent it knows nothing of the parser.
        String why = e.getOriginalMessage().replaceAll(", from `[^`]*`|\\(start marker.*", "");
        return new BadRequestException(
                "the JSON is broken"
                        + at
                        + ": "
                        + RequestReader.shown(why.strip())
                        + "; correct it");
    }

    /** No bug of a parser is worth the thread that runs it. */
    static BadRequestException unreadable(Throwable e) {
        return new BadRequestException(
                "the JSON cannot be read: "
                        + RequestReader.shown(String.valueOf(e.getMessage()))
                        + "; correct it");
    }

    static void require(JsonToken found, JsonToken wanted, String at) throws BadRequestException {
        if (found != wanted) {
            throw new BadRequestException(
                    at + " is " + inWords(found) + "; give " + inWords(wanted));
        }
    }

    static String text(JsonParser json, JsonToken found, String at)
            throws IOException, BadRequestException {
        require(found, JsonToken.VALUE_STRING, at);
        String text = json.getText();
        // As an escape it is plain text in the body, and nobody could be answered with it.
        if (hasHalfPair(text)) {
            throw new BadRequestException(
                    at + " contains half of a surrogate pair; send whole characters");
        }
        return text;
    }

    static boolean flag(JsonToken found, String at) throws BadRequestException {
        if (found != JsonToken.VALUE_TRUE && found != JsonToken.VALUE_FALSE) {
            throw new BadRequestException(at + " is " + inWords(found) + "; give true or false");
        }
        return found == JsonToken.VALUE_TRUE;
    }

    static long whole(JsonParser json, JsonToken found, String at)
            throws IOException, BadRequestException {
        if (found != JsonToken.VALUE_NUMBER_INT) {
            throw new BadRequestException(
                    at
                            + " is "
                            + (found == JsonToken.VALUE_NUMBER_FLOAT
                                    ? "not a whole number"
                                    : inWords(found))
                            + "; give a whole number");
        }
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new BadRequestException(at + " is too large a number; give a smaller one");
        }
        return json.getLongValue();
    }

    static BadRequestException sharedMemory(String at) {
        return new BadRequestException(
                at
                        + ".shared_memory_region is not served; send and take data in the body of"
                        + " request and answer");
    }

    private static boolean hasHalfPair(String text) {
        return text.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff);
    }

    private static String inWords(JsonToken kind) {
        return switch (kind) {
            case null -> "empty";
            case START_ARRAY -> "a list";
            case START_OBJECT -> "an object";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "not a JSON value";
        };
    }
}
