package dev.millrace.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * One connection of a caller. It knows two things that the server does not: until when the head or
 * the body of a request must be here or its answer taken, and whether a caller that waits has gone.
 */
final class CallerEndPoint extends SocketChannelEndPoint {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int NOTHING = -1;

    private final long headNs;
    private final Connections connections;
    private volatile boolean inHand;
    private volatile long dueNs = NEVER;

    // Guarded by the lock of the connections.
    private Connections.Standing standing = Connections.Standing.UNKNOWN;

    /** A byte that was read to see whether somebody is there; it is the next that is read. */
    private int ahead = NOTHING;

    /**
     * @param headNs that the head of a request may take, from its first byte on
     */
    CallerEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            long headNs,
            Connections connections) {
        super(channel, selector, key, scheduler);
        this.headNs = headNs;
        this.connections = connections;
        this.dueNs = System.nanoTime() + headNs;
    }

    /** The connection that a request came by. */
    static CallerEndPoint of(Request request) {
        return under(request.getConnectionMetaData().getConnection().getEndPoint());
    }

    /** What is below encryption, where there is any. */
    static CallerEndPoint under(EndPoint of) {
        EndPoint endPoint = of;
        while (endPoint instanceof EndPoint.Wrapper wrapper) {
            endPoint = wrapper.unwrap();
        }
        return (CallerEndPoint) endPoint;
    }

    /** Data is read by the thread that has the connection, one at a time. */
    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        int before = 0;
        if (ahead != NOTHING) {
            int position = BufferUtil.flipToFill(buffer);
            buffer.put((byte) ahead);
            BufferUtil.flipToFlush(buffer, position);
            ahead = NOTHING;
            before = 1;
        }
        int filled = super.fill(buffer);
        if (before + Math.max(0, filled) > 0 && !inHand && dueNs == NEVER) {
            dueNs = System.nanoTime() + headNs;
        }
        return before > 0 ? before + Math.max(0, filled) : filled;
    }

    /**
     * The head of a request is complete.
     *
     * @param authenticated whether it has a valid token
     */
    void begun(boolean authenticated) {
        inHand = true;
        dueNs = NEVER;
        connections.now(
                this, authenticated ? Connections.Standing.SENDING : Connections.Standing.UNKNOWN);
    }

    /** More of the body must be here by then, or the answer taken. */
    void due(long atNs) {
        dueNs = atNs;
    }

    /** The body is complete, of a request that has its token. */
    void complete() {
        dueNs = NEVER;
        connections.now(this, Connections.Standing.ANSWERING);
    }

    /** The request is answered. */
    void answered() {
        dueNs = NEVER;
        inHand = false;
        connections.answered(this);
    }

    Connections.Standing standing() {
        return standing;
    }

    void standing(Connections.Standing now) {
        standing = now;
    }

    boolean isOverdue(long nowNs) {
        return dueNs != NEVER && nowNs - dueNs > 0;
    }

    /**
     * Whether the caller has closed its side while it waited. Asked by the request's thread, when
     * the request is read.
     */
    boolean isGone() {
        if (ahead != NOTHING) {
            // It has sent the next request already.
            return false;
        }
        if (!isOpen()) {
            return true;
        }
        try {
            ByteBuffer one = ByteBuffer.allocate(1);
            int read = getChannel().read(one);
            if (read > 0) {
                ahead = one.get(0) & 0xff;
            }
            return read < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** How long the head of a request may take. */
    static final long HEAD_NS = TimeUnit.SECONDS.toNanos(10);
}
