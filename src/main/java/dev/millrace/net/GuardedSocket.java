package dev.millrace.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;

/**
 * A socket that connects only where a {@link UrlPolicy} allows. It ends a read that waits too long
 * by itself, which costs something only when a read has to wait; a client's timer would be set for
 * each.
 */
final class GuardedSocket extends Socket {
    private final UrlPolicy policy;
    private final int readMs;
    private volatile BulkInputStream bulk;

    /**
     * @param readMs how long to wait for the next byte where the client sets no time
     */
    GuardedSocket(UrlPolicy policy, int readMs) {
        this.policy = policy;
        this.readMs = readMs;
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

    @Override
    public void setSoTimeout(int ms) throws SocketException {
        super.setSoTimeout(ms == 0 ? readMs : ms);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream in = super.getInputStream();
        synchronized (this) {
            if (bulk == null) {
                bulk = new BulkInputStream(in);
            }
            return bulk;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            BulkInputStream ended = bulk;
            if (ended != null) {
                ended.release();
            }
        }
    }
}
