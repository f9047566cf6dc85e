package dev.millrace.serve.oip;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Where a string of the JSON stands in the body, so that an image in base64 is decoded from there
 * and never becomes a text.
 *
 * @param from its opening quote
 * @param to behind its closing quote
 */
record TextSpan(int from, int to) {
    private static final int MAX_LISTS = 2;

    /**
     * The strings of a list, which may hold lists of them: a tensor's data may be nested or flat.
     *
     * @param max how many are kept at most
     */
    static List<TextSpan> list(JsonParser json, JsonToken first, byte[] body, String at, int max)
            throws IOException, BadRequestException {
        Json.require(first, JsonToken.START_ARRAY, at);
        List<TextSpan> spans = new ArrayList<>(1);
        int lists = 1;
        long begun = -1;
        while (lists > 0) {
            JsonToken token = json.nextToken();
            // Only now the parser has passed the string: it is skipped, not kept.
            if (begun >= 0) {
                spans.add(new TextSpan((int) begun, endBefore(json, body)));
                begun = -1;
            }
            switch (token) {
                case START_ARRAY -> {
                    if (++lists > MAX_LISTS) {
                        throw new BadRequestException(
                                at + " has lists within lists; give a list of strings");
                    }
                }
                case END_ARRAY -> lists--;
                case null, default -> {
                    Json.require(token, JsonToken.VALUE_STRING, at + "[" + spans.size() + "]");
                    if (spans.size() == max) {
                        throw new BadRequestException(
                                at
                                        + " has more than "
                                        + max
                                        + (max == 1 ? " image" : " images")
                                        + "; send at most that many in one request");
                    }
                    begun = json.currentTokenLocation().getByteOffset();
                }
            }
        }
        return spans;
    }

    /**
     * Behind the closing quote of the string in front of the parser's token: only a comma and
     * blanks stand between them.
     */
    private static int endBefore(JsonParser json, byte[] body) {
        int end = (int) json.currentTokenLocation().getByteOffset();
        while (body[end - 1] != '"') {
            end--;
        }
        return end;
    }

    /** What it says, where it is no image. */
    String text(byte[] body, String at) throws BadRequestException {
        try (JsonParser json = Json.FACTORY.createParser(body, from, to - from)) {
            return Json.text(json, json.nextToken(), at);
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        } catch (IOException e) {
            throw Json.unreadable(e);
        }
    }

    /** The bytes that it stands for: decoded from the body into an array of their own. */
    byte[] base64(byte[] body, String at) throws BadRequestException {
        byte[] image;
        try {
            image =
                    Base64.getDecoder()
                            .decode(ByteBuffer.wrap(body, from + 1, to - from - 2))
                            .array();
        } catch (IllegalArgumentException e) {
            image = escapedBase64(body, at);
        }
        if (image.length == 0) {
            throw new BadRequestException(at + " is empty; send a whole image file as base64");
        }
        return image;
    }

    /**
     * The same where characters are escaped: PHP does so with each slash, others with line ends.
     */
    private byte[] escapedBase64(byte[] body, String at) throws BadRequestException {
        try (JsonParser json = Json.FACTORY.createParser(body, from, to - from)) {
            json.nextToken();
            return json.getBinaryValue(Base64Variants.MIME_NO_LINEFEEDS);
        } catch (JsonProcessingException e) {
            throw new BadRequestException(
                    at
                            + " is not base64; send the file as base64 with + and /, and without"
                            + " 'data:' in front");
        } catch (IOException e) {
            throw Json.unreadable(e);
        }
    }
}
