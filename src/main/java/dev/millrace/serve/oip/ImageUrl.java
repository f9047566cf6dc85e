package dev.millrace.serve.oip;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What a request gives as the address of an image. */
final class ImageUrl {
    /** As in a message of the queue. */
    private static final int MAX_LENGTH = 2048;

    private ImageUrl() {}

    static ImageSource of(String text, String at) throws BadRequestException {
        if (text.isBlank()) {
            throw new BadRequestException(at + " is empty; give a URL");
        }
        if (text.length() > MAX_LENGTH) {
            throw tooLong(text.length() + " characters", at);
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new BadRequestException(at + " contains control characters; give a URL");
        }
        return new ImageSource.Url(text);
    }

    static ImageSource of(byte[] body, int from, int length, String at) throws BadRequestException {
        if (length > 4 * MAX_LENGTH) {
            throw tooLong(length + " bytes", at);
        }
        try {
            return of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(body, from, length))
                            .toString(),
                    at);
        } catch (CharacterCodingException e) {
            throw new BadRequestException(at + " is not UTF-8; give a URL");
        }
    }

    private static BadRequestException tooLong(String length, String at) {
        return new BadRequestException(
                at + " has " + length + "; give a URL of at most " + MAX_LENGTH + " characters");
    }
}
