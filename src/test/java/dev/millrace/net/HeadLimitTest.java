package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.RawServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers with more headers than anybody needs. */
class HeadLimitTest {
    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(5), 4);
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String END = "Content-Length: 2\r\n\r\nok";

    /** The body of an answer, as a client with all guards reads it. */
    private static String read(String answer) throws IOException {
        byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
        UrlPolicy policy =
                new UrlPolicy(
                        new AddressRules(List.of(Cidr.parse("127.0.0.0/8"))),
                        Set.of(),
                        Optional.empty());
        try (RawServer server = new RawServer((_, out) -> out.write(bytes));
                GuardedHttp http = new GuardedHttp(policy, LIMITS)) {
            HttpUrl url = HttpUrl.get("http://127.0.0.1:" + server.port() + "/");
            try (Response response =
                    http.newCall(new Request.Builder().url(url).build()).execute()) {
                return response.body().string();
            }
        }
    }

    @Test
    void whatServersSendIsRead() throws Exception {
        assertEquals("ok", read(OK + END));
        assertEquals("ok", read(OK + "X-Header: value\r\n".repeat(190) + END));
        assertEquals("ok", read(OK + "X: " + "y".repeat(30_000) + "\r\n" + END));
        assertEquals("ok", read("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK + END));
        assertEquals(
                "ok", read(OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 5_000, 65_000})
    void tooManyLinesAreRefused(int lines) {
        IOException e =
                assertThrows(IOException.class, () -> read(OK + "a:\r\n".repeat(lines) + END));
        assertTrue(e instanceof HeadTooLargeException, e::toString);
        assertTrue(OwnRefusals.isIn(e));
    }

    @Test
    void aLineWithoutEndIsRefused() {
        assertThrows(
                HeadTooLargeException.class,
                () -> read(OK + "X: " + "y".repeat(300_000) + "\r\n" + END));
        assertThrows(HeadTooLargeException.class, () -> read("HTTP/1.1 200 " + "y".repeat(99_999)));
    }

    @Test
    void endlessInterimAnswersAreRefused() {
        assertThrows(
                HeadTooLargeException.class,
                () -> read("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n".repeat(9_999) + OK + END));
    }

    @Test
    void trailersAreBoundedToo() {
        String trailers = "a:\r\n".repeat(20_000);
        assertThrows(
                IOException.class,
                () ->
                        read(
                                OK
                                        + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                                        + trailers
                                        + "\r\n"));
    }

    @Test
    void aServerThatHangsUpIsNotSaidToHaveSentTooMuch() {
        IOException e = assertThrows(IOException.class, () -> read(OK + "X: y\r\n"));
        assertTrue(!(e instanceof HeadTooLargeException), e::toString);
    }
}
