package dev.millrace.serve;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Invocable;

/** One request of a caller, as far as an answer depends on it. Used by the request's thread. */
final class Call {
    private static final long REST_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int REST_CHUNK = 16 << 10;

    /** Of a request without a valid token. */
    private static final long UNKNOWN_REST_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long UNKNOWN_REST_BYTES = 1 << 20;

    private final Request request;
    private final CallerEndPoint connection;
    private final long startNs = System.nanoTime();
    private InputStream body;
    private Content.Chunk chunk;
    private boolean stalled;

    Call(Request request) {
        this.request = request;
        this.connection = CallerEndPoint.of(request);
    }

    String method() {
        return request.getMethod();
    }

    String path() {
        return Request.getPathInContext(request);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    Optional<String> parameter(String name) throws Refusal {
        try {
            Fields fields = Request.extractQueryParameters(request);
            return Optional.ofNullable(fields.getValue(name));
        } catch (IllegalArgumentException e) {
            throw Refusal.malformed(
                    400, "the query of the URL cannot be read; write % as %25, or leave it out");
        }
    }

    /** Of the body; less than 0 where the request does not say. */
    long length() {
        return request.getLength();
    }

    /**
     * Reads some of the body; waits for it until {@code untilNs}, by {@link System#nanoTime}.
     *
     * @return how many bytes; less than 0 at the end of the body
     * @throws TimeoutException where none came; the body cannot be read any more
     */
    int read(byte[] into, int from, long untilNs)
            throws IOException, InterruptedException, TimeoutException {
        while (chunk == null || !chunk.hasRemaining()) {
            if (chunk != null) {
                boolean last = chunk.isLast();
                chunk.release();
                chunk = last ? Content.Chunk.EOF : null;
                if (last) {
                    return -1;
                }
            }
            chunk = request.read();
            if (Content.Chunk.isFailure(chunk)) {
                throw IO.rethrow(chunk.getFailure());
            }
            if (chunk == null) {
                await(untilNs);
            } else if (!chunk.hasRemaining() && chunk.isLast()) {
                return -1;
            }
        }
        return chunk.get(into, from, into.length - from);
    }

    private void await(long untilNs) throws InterruptedException, TimeoutException {
        CountDownLatch more = new CountDownLatch(1);
        request.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, more::countDown));
        if (!more.await(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            stalled = true;
            throw new TimeoutException();
        }
    }

    /** Whether the body did not come in time, so that the connection must end. */
    boolean isStalled() {
        return stalled;
    }

    private InputStream body() {
        if (body == null) {
            body = Content.Source.asInputStream(request);
        }
        return body;
    }

    /**
     * Reads what is left of the body, for a time and up to so many bytes, once the answer is on its
     * way. A connection that is closed with bytes unread is reset, and a caller who first sends all
     * of a photo would not get to read why it was refused. Who asks before it sends is not sending.
     *
     * @param unknown whether the request has no valid token, so that little is read and the
     *     connection closes
     */
    void skipRest(boolean unknown, long maxBody) {
        if (stalled || header("Expect").isPresent()) {
            return;
        }
        long most = unknown ? Math.min(UNKNOWN_REST_BYTES, maxBody) : maxBody;
        connection.due(System.nanoTime() + (unknown ? UNKNOWN_REST_NS : REST_NS));
        byte[] away = new byte[REST_CHUNK];
        try {
            int read = 0;
            for (long count = 0; read >= 0 && count < most; count += read) {
                read = body().read(away);
            }
        } catch (IOException e) {
            // It was sent its answer, and has gone or was too slow.
        }
    }

    CallerEndPoint connection() {
        return connection;
    }

    /** When its head was complete, by {@link System#nanoTime}. */
    long startNs() {
        return startNs;
    }
}
