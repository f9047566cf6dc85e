package dev.millrace.fetch;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * Reads the body of an answer into an array whose size is reserved first. With a known length the
 * array is made once, after a wait for its bytes where they are not free; the host then waits with
 * the rest of its answer in its own memory and the kernel's. Otherwise the array doubles, and
 * reading stops one byte past the limit. Thread-safe.
 */
final class BodyReader {
    private static final int FIRST_BYTES = 64 << 10;

    /** Weight of the newest image in the mean. */
    private static final double NEWEST = 0.1;

    /** How much more than the mean is reserved for an answer that does not say its length. */
    private static final double HEADROOM = 2;

    private final int maxBytes;
    private final int minimumRate;

    /**
     * The mean size of late of answers that did not say theirs: one that finds no more memory on
     * the way must be asked for twice. Races between downloads only blur it.
     */
    private volatile double meanBytes;

    /**
     * @param minimumRate bytes a second on average
     */
    BodyReader(int maxBytes, int minimumRate) {
        this.maxBytes = maxBytes;
        this.minimumRate = minimumRate;
    }

    /**
     * Empty if the length is unknown and the budget has not enough left on the way; with {@code
     * all} in hand it surely has. Leaves the response open.
     *
     * @param reservation that holds nothing, so that nobody waits with bytes in hand
     * @param all whether to wait for as much as any image may take
     */
    Optional<byte[]> read(
            Response response, Reservation reservation, CallDeadline deadline, boolean all)
            throws IOException, FailureException, InterruptedException {
        refuseEncoded(response);
        ResponseBody body = response.body();
        long length = body.contentLength();
        if (length > maxBytes) {
            throw tooLarge("announced a body of " + length + " bytes");
        }
        if (length == 0) {
            throw empty();
        }
        InputStream in = body.byteStream();
        if (length > 0) {
            deadline.await(reservation, length);
            return Optional.of(readKnown(in, (int) length));
        }
        deadline.await(
                reservation, all ? maxBytes : (long) Math.min(maxBytes, HEADROOM * meanBytes));
        return readUnknown(in, reservation);
    }

    private byte[] readKnown(InputStream in, int length) throws IOException {
        byte[] bytes = new byte[length];
        MinBodyRate pace = new MinBodyRate(minimumRate, System.nanoTime());
        int have = 0;
        while (have < length) {
            int read = in.read(bytes, have, length - have);
            if (read < 0) {
                // The client has said so by now; without it this would never end.
                throw new EOFException("the body ended early");
            }
            have += read;
            pace.check(have, System.nanoTime());
        }
        return bytes;
    }

    private Optional<byte[]> readUnknown(InputStream in, Reservation reservation)
            throws IOException, FailureException {
        MinBodyRate pace = new MinBodyRate(minimumRate, System.nanoTime());
        byte[] bytes = new byte[0];
        int length = 0;
        while (true) {
            if (length == bytes.length) {
                int larger = (int) Math.min(maxBytes, Math.max(FIRST_BYTES, 2L * length));
                if (length == larger) {
                    break;
                }
                if (!reservation.tryGrow(larger)) {
                    return Optional.empty();
                }
                bytes = Arrays.copyOf(bytes, larger);
            }
            int read = in.read(bytes, length, bytes.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            pace.check(length, System.nanoTime());
        }
        if (length == 0) {
            throw empty();
        }
        if (length == maxBytes && in.read() >= 0) {
            throw tooLarge("sent more than " + maxBytes + " bytes");
        }
        meanBytes += NEWEST * (length - meanBytes);
        return Optional.of(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
    }

    /** An encoded body would be measured, or not, before it grows to any size. */
    private static void refuseEncoded(Response response) throws FailureException {
        String encoding = response.header("Content-Encoding", "identity");
        if (!encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
            throw new FailureException(
                    Failure.Kind.UNSUPPORTED_FORMAT,
                    Stage.FETCH,
                    "the image host sent an encoded body (Content-Encoding) although the"
                            + " worker asked for none; serve the image as it is");
        }
    }

    private FailureException tooLarge(String what) {
        return new FailureException(
                Failure.Kind.TOO_LARGE,
                Stage.FETCH,
                "the image host " + what + "; send an image of at most " + maxBytes + " bytes");
    }

    private static FailureException empty() {
        return new FailureException(
                Failure.Kind.UNSUPPORTED_FORMAT,
                Stage.FETCH,
                "the image host sent an empty body; check that the URL leads to an image");
    }
}
