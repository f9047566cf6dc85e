package dev.millrace.serve.oip;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.OptionalInt;

/** A request as it arrives: what its headers say and its body. */
record Requests(String contentType, OptionalInt headerLength, byte[] body) {
    static final int MAX_IMAGES = 4;

    static Requests bare(String contentType, byte[] body) {
        return new Requests(contentType, OptionalInt.empty(), body);
    }

    static Requests json(String json) {
        return bare("application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    /** JSON and what follows it. */
    static Requests binary(String json, byte[] data) {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(head);
        body.writeBytes(data);
        return new Requests(
                "application/octet-stream", OptionalInt.of(head.length), body.toByteArray());
    }

    /** A BYTES tensor in binary form. */
    static byte[] elements(byte[]... elements) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (byte[] element : elements) {
            data.writeBytes(
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(element.length)
                            .array());
            data.writeBytes(element);
        }
        return data.toByteArray();
    }

    static String base64(byte[] image) {
        return Base64.getEncoder().encodeToString(image);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    InferenceRequest read() throws BadRequestException {
        return RequestReader.read(contentType, headerLength, body, MAX_IMAGES);
    }
}
