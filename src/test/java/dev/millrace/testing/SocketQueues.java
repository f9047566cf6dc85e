package dev.millrace.testing;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Says how much of what was written to a connection on this machine its peer has not read yet: what
 * waits in the buffers of both sockets, as Linux counts it. Linux lists all connections at once, so
 * threads that ask at the same time share an answer.
 */
public final class SocketQueues {
    private static final Path TABLE = Path.of("/proc/net/tcp6");
    private static final String ESTABLISHED = "01";

    // The columns of that table.
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int QUEUES = 4;

    private final String port;
    private long takenNs = Long.MIN_VALUE;
    private Map<String, Long> sent = Map.of();
    private Map<String, Long> received = Map.of();

    /**
     * @param port of the server whose connections are asked about
     */
    public SocketQueues(int port) {
        this.port = hex(port);
    }

    /** Of the server's end of a connection; empty where the peer has closed its own. */
    public synchronized OptionalLong unread(Socket socket) throws IOException {
        long nowNs = System.nanoTime();
        if (sent.isEmpty() || takenNs - nowNs < 0) {
            take();
        }
        String peer = hex(socket.getPort());
        Long read = received.get(peer);
        return read == null
                ? OptionalLong.empty()
                : OptionalLong.of(read + sent.getOrDefault(peer, 0L));
    }

    private static String hex(int port) {
        return "%04X".formatted(port);
    }

    /** First what was sent, so that a byte that goes over in between counts twice and not never. */
    private void take() throws IOException {
        takenNs = System.nanoTime();
        sent = queues(LOCAL, REMOTE, 0);
        received = queues(REMOTE, LOCAL, 1);
    }

    /**
     * By the port of the peer, of its open connections.
     *
     * @param server the column of the server's address
     * @param peer the column of its peer's
     * @param queue 0 for what an end has sent and the other did not acknowledge, 1 for what it has
     *     received and nobody has read
     */
    private Map<String, Long> queues(int server, int peer, int queue) throws IOException {
        Map<String, Long> queues = new HashMap<>();
        for (String line : Files.readString(TABLE, StandardCharsets.ISO_8859_1).split("\n")) {
            if (line.contains(port)) {
                String[] row = line.strip().split(" +");
                if (row[server].endsWith(":" + port)
                        && (queue == 0 || row[STATE].equals(ESTABLISHED))) {
                    queues.put(
                            row[peer].substring(row[peer].indexOf(':') + 1),
                            Long.parseLong(row[QUEUES].split(":")[queue], 16));
                }
            }
        }
        return queues;
    }
}
