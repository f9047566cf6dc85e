package dev.millrace.job;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one message holds of the worker's bytes, each of which goes back once. The image's go back
 * when nobody needs the encoded bytes any more, so that a message which waits for its callback host
 * keeps no download; those of its texts and of a large result when it is settled. Thread-safe.
 */
public final class Held {
    private final AtomicLong body = new AtomicLong();
    private final AtomicInteger readers = new AtomicInteger();
    private final AtomicLong texts = new AtomicLong();
    private volatile Admission budget;

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
