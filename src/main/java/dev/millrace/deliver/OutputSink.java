package dev.millrace.deliver;

import dev.millrace.job.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Writes results to standard output, one line each. A result is delivered when its line is written
 * and flushed; a reader that is slow holds the worker back. The platform thread {@code results}
 * writes, since a pipe that is full would hold the carrier of a virtual one. Thread-safe.
 */
public final class OutputSink implements ResultSink, AutoCloseable {
    private final OutputStream out;
    private final Consumer<Throwable> fault;
    private final ExecutorService writer =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("results").daemon().factory());

    // Of the thread that writes.
    private String closed;

    /**
     * @param out without a buffer, so that what was written is gone
     * @param fault is told once that nobody reads any more
     */
    public OutputSink(OutputStream out, Consumer<Throwable> fault) {
        this.out = out;
        this.fault = fault;
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        byte[] line = line(body);
        Future<?> written =
                writer.submit(
                        () -> {
                            write(message, line);
                            return null;
                        });
        try {
            written.get();
        } catch (InterruptedException e) {
            written.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException refusal
                    ? refusal
                    : new IOException("the line was not written", e.getCause());
        }
    }

    private void write(Message message, byte[] line) throws IOException {
        if (message.leaseLost() || message.isSettled()) {
            // The reader took so long that somebody else has it by now.
            throw new ResultRefusal("standard output was not read in time", true, false);
        }
        if (closed != null) {
            throw new OutputClosedException(closed);
        }
        try {
            out.write(line);
            out.flush();
        } catch (IOException e) {
            closed = String.valueOf(e.getMessage());
            OutputClosedException end = new OutputClosedException(closed);
            fault.accept(end);
            throw end;
        }
    }

    /** Does not wait for a reader that stands still. */
    @Override
    public void close() {
        writer.shutdownNow();
    }

    /** Line ends stand between the values of a sender's metadata, and nowhere within them. */
    private static byte[] line(byte[] body) {
        byte[] line = new byte[body.length + 1];
        for (int i = 0; i < body.length; i++) {
            line[i] = body[i] == '\n' || body[i] == '\r' ? (byte) ' ' : body[i];
        }
        line[body.length] = '\n';
        return line;
    }
}
