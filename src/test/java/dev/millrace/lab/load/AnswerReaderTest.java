package dev.millrace.lab.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where answers end, however their bytes come. */
class AnswerReaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 422 No\r\nserver: x\r\ncontent-length:0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            })
    void isWholeWithItsLastByteAndNotBefore(String answer) throws IOException {
        AnswerReader reader = new AnswerReader();
        for (int turn = 0; turn < 2; turn++) {
            reader.reset();
            byte[] bytes = answer.getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < bytes.length - 1; i++) {
                assertFalse(reader.take(ByteBuffer.wrap(bytes, i, 1)), "whole at byte " + i);
            }
            assertTrue(reader.take(ByteBuffer.wrap(bytes, bytes.length - 1, 1)));
            assertEquals(Integer.parseInt(answer.substring(9, 12)), reader.status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH\r\n\r\n",
                "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
                "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n"
            })
    void whatHasNoEndIsRefused(String answer) {
        assertThrows(
                IOException.class,
                () ->
                        new AnswerReader()
                                .take(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    void saysWhetherTheServerHangsUp() throws IOException {
        AnswerReader reader = new AnswerReader();
        reader.take(
                ByteBuffer.wrap(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII)));
        assertTrue(reader.closes());
    }
}
