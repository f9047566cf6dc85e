package dev.millrace.net;

import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.SocketFactory;

/**
 * The gate: its sockets check the address that they are told to connect to, whoever resolved it and
 * however it was written.
 */
final class GuardedSocketFactory extends SocketFactory {
    private final UrlPolicy policy;
    private final int readMs;

    /**
     * @param read how long a socket waits for the next byte
     */
    GuardedSocketFactory(UrlPolicy policy, Duration read) {
        this.policy = policy;
        this.readMs = Math.toIntExact(Math.max(1, read.toMillis()));
    }

    @Override
    public Socket createSocket() {
        return new GuardedSocket(policy, readMs);
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw unconnectedOnly();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
        throw unconnectedOnly();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw unconnectedOnly();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
        throw unconnectedOnly();
    }

    private static UnsupportedOperationException unconnectedOnly() {
        return new UnsupportedOperationException("create the socket first, then connect it");
    }
}
