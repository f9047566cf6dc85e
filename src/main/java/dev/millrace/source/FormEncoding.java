package dev.millrace.source;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Decodes texts as HTML forms encode them, which is how S3 writes keys in its notifications: a plus
 * is a space, and a percent sign with two digits a byte of UTF-8.
 */
final class FormEncoding {
    private FormEncoding() {}

    /**
     * @param name of the field, for the mistake
     * @throws MalformedRequestException with one line where an escape is broken, or is no UTF-8
     */
    static String decoded(String name, String text) throws MalformedRequestException {
        byte[] from = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer to = ByteBuffer.allocate(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] == '%') {
                to.put(escaped(name, from, i + 1));
                i += 2;
            } else {
                to.put(from[i] == '+' ? (byte) ' ' : from[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(to.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedRequestException(
                    name + " is no UTF-8 once its escapes are decoded; encode it as S3 does");
        }
    }

    private static byte escaped(String name, byte[] from, int at) throws MalformedRequestException {
        if (at + 1 >= from.length
                || !HexFormat.isHexDigit(from[at])
                || !HexFormat.isHexDigit(from[at + 1])) {
            throw new MalformedRequestException(
                    name + " has a % without two hexadecimal digits; encode it as S3 does");
        }
        return (byte)
                (HexFormat.fromHexDigit(from[at]) << 4 | HexFormat.fromHexDigit(from[at + 1]));
    }
}
