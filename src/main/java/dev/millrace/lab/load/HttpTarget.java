package dev.millrace.lab.load;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A server and the requests that it gets, each of them whole and in memory outside the heap, from
 * where a socket takes it without a copy.
 */
public record HttpTarget(InetSocketAddress address, List<ByteBuffer> requests) {
    private static final int HTTP = 80;

    /**
     * Posts of these bodies.
     *
     * @param url with {@code http} as its scheme
     * @param headers lines without their ends, beside those that every request has
     */
    public static HttpTarget posts(URI url, List<String> headers, List<byte[]> bodies) {
        int port = url.getPort() < 0 ? HTTP : url.getPort();
        String target =
                url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
        StringBuilder head = new StringBuilder();
        head.append("POST ").append(target).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(url.getHost()).append(':').append(port).append("\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        return new HttpTarget(
                new InetSocketAddress(url.getHost(), port),
                bodies.stream().map(body -> request(head, body)).toList());
    }

    private static ByteBuffer request(CharSequence head, byte[] body) {
        byte[] start =
                (head + "Content-Length: " + body.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocateDirect(start.length + body.length).put(start).put(body).flip();
    }
}
