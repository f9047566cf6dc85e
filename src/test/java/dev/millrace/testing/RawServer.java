package dev.millrace.testing;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on loopback that writes what a script says, right or wrong, and counts its connections.
 * One request per connection; a virtual thread for each.
 */
public final class RawServer implements Closeable {
    /** Writes the answer to one request. */
    @FunctionalInterface
    public interface Script {
        /**
         * @param head the request line and the header lines
         */
        void answer(List<String> head, OutputStream out) throws Exception;
    }

    /** Likewise, for who has to know the connection. */
    @FunctionalInterface
    public interface SocketScript {
        void answer(List<String> head, Socket socket) throws Exception;
    }

    private final ServerSocket server;
    private final SocketScript script;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    public RawServer(Script script) throws IOException {
        this("127.0.0.1", 0, script);
    }

    /**
     * @param address of loopback
     * @param port 0 for any that is free
     */
    public RawServer(String address, int port, Script script) throws IOException {
        this((head, socket) -> script.answer(head, socket.getOutputStream()), address, port);
    }

    private RawServer(SocketScript script, String address, int port) throws IOException {
        this.server = new ServerSocket(port, 256, InetAddress.ofLiteral(address));
        this.script = script;
        Thread.ofVirtual().name("raw-server").start(this::acceptAll);
    }

    public static RawServer ofSockets(SocketScript script) throws IOException {
        return new RawServer(script, "127.0.0.1", 0);
    }

    /** Sends this text to everybody. */
    public static RawServer answering(String answer) throws IOException {
        return new RawServer((_, out) -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** An answer with this body. */
    public static byte[] ok(byte[] body) {
        byte[] head =
                ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                                + body.length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    /** An answer that leads elsewhere. */
    public static byte[] redirect(String location) {
        return ("HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: "
                        + location
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    public int port() {
        return server.getLocalPort();
    }

    public int connections() {
        return connections.get();
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                // The server was closed, or the client went away.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            List<String> head = new ArrayList<>();
            for (String line = in.readLine();
                    line != null && !line.isEmpty();
                    line = in.readLine()) {
                head.add(line);
            }
            if (!head.isEmpty()) {
                script.answer(head, socket);
                socket.getOutputStream().flush();
            }
        } catch (Exception e) {
            // The client hung up, which is what many tests are about.
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
