package dev.millrace.lab.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A connection that is kept, with one request on its way at most. Used by the generator's thread.
 */
final class LoadConnection {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final InetSocketAddress address;
    private final Selector selector;
    private final AnswerReader reader = new AnswerReader();

    private SocketChannel channel;
    private SelectionKey key;
    private ByteBuffer unsent = NOTHING;
    private boolean busy;
    private int request;
    private long dueNs;

    LoadConnection(InetSocketAddress address, Selector selector) {
        this.address = address;
        this.selector = selector;
    }

    /** Connects, where it is not connected, and sends as much as the socket takes. */
    void send(int request, ByteBuffer bytes, long dueNs) throws IOException {
        this.request = request;
        this.dueNs = dueNs;
        busy = true;
        reader.reset();
        unsent = bytes.duplicate();
        if (channel == null) {
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(address);
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }
        write();
    }

    /** Goes on sending. */
    void write() throws IOException {
        channel.write(unsent);
        int wanted =
                unsent.hasRemaining()
                        ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                        : SelectionKey.OP_READ;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    /**
     * Takes what came.
     *
     * @param into scratch memory
     * @return whether the answer is whole
     */
    boolean read(ByteBuffer into) throws IOException {
        into.clear();
        int count = channel.read(into);
        if (count < 0) {
            throw new IOException(
                    busy ? "the server closed the connection before its answer" : "closed");
        }
        if (!busy) {
            throw new IOException("the server wrote something that nobody had asked for");
        }
        if (!reader.take(into.flip())) {
            return false;
        }
        busy = false;
        if (reader.closes() || unsent.hasRemaining()) {
            close();
        }
        return true;
    }

    void close() {
        busy = false;
        unsent = NOTHING;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is of no use any more either way.
            }
            channel = null;
        }
    }

    AnswerReader answer() {
        return reader;
    }

    boolean busy() {
        return busy;
    }

    /** Which of the target's requests it sent last. */
    int request() {
        return request;
    }

    /** When the request was due. */
    long dueNs() {
        return dueNs;
    }
}
