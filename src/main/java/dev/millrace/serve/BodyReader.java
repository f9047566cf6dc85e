package dev.millrace.serve;

import dev.millrace.job.Failure;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/**
 * Reads the body of one request into memory that is reserved as the bytes come, so that a caller
 * who promises much and sends little holds little. Used by the request's thread; closing it gives
 * back what is not the images' by then.
 */
final class BodyReader implements AutoCloseable {
    private static final int FIRST = 16 << 10;

    /** Most images are whole after the second step, and each step copies what is there. */
    private static final int SECOND = 128 << 10;

    /** From there on: no more is reserved than twice what has come. */
    private static final int GROWTH = 2;

    /** Before the rate counts. */
    private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(5);

    private final Share share;
    private final int maxBody;
    private final int minimumRate;
    private final LongConsumer due;
    private long reserved;

    /**
     * @param due is told until when the next bytes must be here, by {@link System#nanoTime}
     */
    BodyReader(Share share, int maxBody, int minimumRate, LongConsumer due) {
        this.share = share;
        this.maxBody = maxBody;
        this.minimumRate = minimumRate;
        this.due = due;
    }

    /**
     * @param untilNs when the body must be complete, by {@link System#nanoTime}
     * @throws TimeoutException where it is not
     */
    byte[] read(Call call, long untilNs)
            throws IOException, Refusal, InterruptedException, TimeoutException {
        long length = call.length();
        if (length > maxBody) {
            throw tooLarge();
        }
        long startNs = System.nanoTime();
        byte[] bytes = new byte[reserve(length < 0 ? FIRST : (int) Math.min(FIRST, length))];
        int count = 0;
        while (true) {
            due.accept(startNs + GRACE_NS + TimeUnit.SECONDS.toNanos(count) / minimumRate);
            if (count == bytes.length) {
                byte[] next = new byte[1];
                if (call.read(next, 0, untilNs) < 0) {
                    return bytes;
                }
                bytes = grown(bytes, length);
                bytes[count++] = next[0];
                continue;
            }
            int read = call.read(bytes, count, untilNs);
            if (read < 0) {
                return Arrays.copyOf(bytes, count);
            }
            count += read;
        }
    }

    private byte[] grown(byte[] bytes, long length) throws Refusal {
        if (bytes.length >= maxBody) {
            throw tooLarge();
        }
        long most = length < 0 ? maxBody : Math.min(length, maxBody);
        int size = (int) Math.min(most, Math.max(SECOND, (long) GROWTH * bytes.length));
        reserve(size - bytes.length);
        return Arrays.copyOf(bytes, size);
    }

    /** Reserves further bytes, of images that were in the body in another form. */
    int reserve(int more) throws Refusal {
        if (!share.reserve(more)) {
            throw Refusal.busy(
                    "callers have as many bytes in this worker as they may; try again in a moment, or ask another worker");
        }
        reserved += more;
        return more;
    }

    /** These bytes are an image's from now on. */
    void handedOver(int bytes) {
        reserved -= bytes;
    }

    private Refusal tooLarge() {
        return Refusal.of(
                Failure.Kind.TOO_LARGE,
                "the body has more than %d bytes; send a smaller image, or raise serve.maxBody"
                        .formatted(maxBody));
    }

    @Override
    public void close() {
        if (reserved > 0) {
            share.release(reserved);
            reserved = 0;
        }
    }
}
