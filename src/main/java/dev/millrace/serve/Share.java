package dev.millrace.serve;

import dev.millrace.job.Admission;
import dev.millrace.job.Message;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What callers have of the worker: images, and bytes of what they sent. Both are a share of what
 * admission has, so that the queue keeps the rest. Nobody waits here. Thread-safe.
 */
final class Share {
    private final Admission admission;
    private final int maxImages;
    private final long maxBytes;
    private final AtomicInteger images = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    Share(Admission admission, int maxImages, long maxBytes) {
        this.admission = admission;
        this.maxImages = maxImages;
        this.maxBytes = maxBytes;
        admission.beside(images::get);
    }

    int maxImages() {
        return maxImages;
    }

    /** Images that are in the worker. */
    int images() {
        return images.get();
    }

    /** Takes so many permits; says whether there were as many. */
    boolean take(int count) {
        if (images.addAndGet(count) <= maxImages) {
            return true;
        }
        images.addAndGet(-count);
        return false;
    }

    /** Reserves bytes; says whether they were free. */
    boolean reserve(long count) {
        if (bytes.addAndGet(count) <= maxBytes && admission.reserveAhead(count)) {
            return true;
        }
        bytes.addAndGet(-count);
        return false;
    }

    void release(long count) {
        bytes.addAndGet(-count);
        admission.giveBack(count);
    }

    /** The image is the message's from now on, which gives its bytes back to admission. */
    void handOver(Message image, int length) {
        bytes.addAndGet(-length);
        image.usage().body(length, admission);
    }

    /** An image has left the worker, with whatever it still held. */
    void left(Message image) {
        long held = image.usage().takeBody();
        if (held > 0) {
            admission.giveBack(held);
        }
        images.decrementAndGet();
    }
}
