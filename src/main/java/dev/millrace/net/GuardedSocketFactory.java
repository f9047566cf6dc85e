package dev.millrace.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;

/**
 * The gate: its sockets check the address that they are told to connect to, whoever resolved it and
 * however it was written.
 */
final class GuardedSocketFactory extends SocketFactory {
    private final UrlPolicy policy;

    GuardedSocketFactory(UrlPolicy policy) {
        this.policy = policy;
    }

    @Override
    public Socket createSocket() {
        return new GuardedSocket(policy);
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

    private static final class GuardedSocket extends Socket {
        private final UrlPolicy policy;

        GuardedSocket(UrlPolicy policy) {
            this.policy = policy;
        }

        @Override
        public void connect(SocketAddress endpoint) throws IOException {
            connect(endpoint, 0);
        }

        @Override
        public void connect(SocketAddress endpoint, int timeoutMs) throws IOException {
            if (!(endpoint instanceof InetSocketAddress to)
                    || to.isUnresolved()
                    || !policy.allows(to.getAddress(), to.getPort())) {
                close();
                throw new ForbiddenAddressException(endpoint + " is not allowed");
            }
            super.connect(endpoint, timeoutMs);
        }
    }
}
