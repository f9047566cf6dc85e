package dev.millrace.job;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one message uses of the worker: bytes, each of which goes back once, and the thread that
 * works on it. The image's bytes go back when nobody needs the encoded bytes any more, so that a
 * message which waits for its callback host keeps no download; those of its texts and of a large
 * result when it is settled. {@link #cancel} interrupts the thread, so that its download, its wait
 * for a slot or for bytes ends at once. Thread-safe.
 */
public final class RequestUsage {
    private final AtomicLong body = new AtomicLong();
    private final AtomicInteger readers = new AtomicInteger();
    private final AtomicLong texts = new AtomicLong();
    private volatile Admission budget;

    // Guarded by this object.
    private Thread thread;
    private boolean cancelled;

    /** The calling thread works on the message until {@link #end}; throws once it is cancelled. */
    public synchronized void begin() throws InterruptedException {
        if (cancelled) {
            throw new InterruptedException();
        }
        thread = Thread.currentThread();
    }

    /** No work is left to interrupt. Only for the thread that began; may be called again. */
    public synchronized void end() {
        if (thread != null && cancelled) {
            // What comes now is to be done in spite of it.
            Thread.interrupted();
        }
        thread = null;
    }

    /** Ends the work on the message: nobody wants its result. */
    public synchronized void cancel() {
        cancelled = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /**
     * The image's bytes, which are reserved; the caller reads them until it calls {@link #read}.
     */
    public void body(long bytes, Admission from) {
        budget = from;
        readers.incrementAndGet();
        body.addAndGet(bytes);
    }

    /** One more reads the image, and says when it is done with {@link #read}. */
    void share() {
        readers.incrementAndGet();
    }

    /** Somebody has read the image; with the last its bytes go back. */
    public void read() {
        if (readers.decrementAndGet() == 0) {
            long bytes = takeBody();
            if (bytes > 0) {
                budget.giveBack(bytes);
            }
        }
    }

    /** Counts texts that are there already; waits for nothing. */
    public void texts(long bytes, Admission from) {
        budget = from;
        from.keep(bytes);
        texts.addAndGet(bytes);
    }

    /** The same for a result, where the message's texts were counted. */
    public void result(long bytes) {
        if (budget != null) {
            texts(bytes, budget);
        }
    }

    /** Bytes that the image holds now. */
    public long bodyBytes() {
        return body.get();
    }

    /** What is left of the image's, for whoever returns it. */
    public long takeBody() {
        return body.getAndSet(0);
    }

    /** What the texts hold, for whoever returns it. */
    public long takeTexts() {
        return texts.getAndSet(0);
    }
}
