package dev.millrace.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An image host that announces a body, sends its first bytes and no more, and counts the requests
 * whose client is still connected.
 */
public final class StallingHost implements AutoCloseable {
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n";

    private final ServerSocket server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();

    public StallingHost() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> stall(client));
            }
        } catch (IOException e) {
            // The end.
        }
    }

    private void stall(Socket client) {
        connected.incrementAndGet();
        try (client) {
            int last = 0;
            while (last != 0x0d0a0d0a) {
                int next = client.getInputStream().read();
                if (next < 0) {
                    return;
                }
                last = last << 8 | next;
            }
            requests.incrementAndGet();
            client.getOutputStream().write(HEAD.getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().write(new byte[10]);
            while (client.getInputStream().read() >= 0) {
                // Until the client hangs up.
            }
        } catch (IOException e) {
            // It has hung up.
        } finally {
            connected.decrementAndGet();
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/photo.jpg";
    }

    /** Requests so far. */
    public int requests() {
        return requests.get();
    }

    /** Clients that are connected now. */
    public int connected() {
        return connected.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
