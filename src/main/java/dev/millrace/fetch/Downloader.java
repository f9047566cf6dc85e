package dev.millrace.fetch;

import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostBreakers;
import dev.millrace.net.HostLimiter;
import dev.millrace.net.OwnRefusals;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;

/**
 * From a URL to bytes, hop by hop: each takes a turn at its host, reserves memory, asks, and reads.
 * The clock of a download runs only while it asks and reads. Thread-safe.
 */
final class Downloader {
    private static final String USER_AGENT =
            "millrace/"
                    + Objects.requireNonNullElse(
                            Downloader.class.getPackage().getImplementationVersion(),
                            "development");

    /** Between two looks at a host that does not answer. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    /** Weight of the newest image in the mean. */
    private static final double NEWEST = 0.1;

    /** How much more than the mean is reserved before it is known how much is needed. */
    private static final double HEADROOM = 2;

    private final FetchLimits limits;
    private final GuardedHttp http;
    private final HostLimiter hosts;
    private final HostBreakers breakers = new HostBreakers(PAUSE);
    private final BodyReader reader;

    /**
     * The mean size of late. Memory is reserved by it before a request is sent, since a request
     * that finds no memory for its answer must be sent twice. Races between downloads only blur it.
     */
    private volatile double meanBytes;

    Downloader(FetchLimits limits, GuardedHttp http) {
        this.limits = limits;
        this.http = http;
        this.hosts = new HostLimiter(limits.perHost());
        this.reader = new BodyReader(limits.maxBytes(), limits.minimumRate());
    }

    /**
     * An image and what it took.
     *
     * @param busyNs without the waits for a turn and for memory
     */
    record Download(byte[] body, long busyNs) {}

    /** Downloads one image; its bytes are then held by {@code reservation}. */
    Download download(HttpUrl first, Reservation reservation)
            throws FailureException, InterruptedException {
        HttpUrl url = first;
        long leftNs = limits.callTimeout().toNanos();
        long needed = (long) Math.min(limits.maxBytes(), HEADROOM * meanBytes);
        boolean askedTwice = false;
        int redirects = 0;
        while (true) {
            Hop hop;
            // Those who have their turn may be waiting for just these bytes.
            reservation.close();
            try (HostLimiter.Slot _ = hosts.acquire(url.host())) {
                reservation.await(needed);
                long startNs = System.nanoTime();
                hop = hop(url, leftNs, reservation);
                leftNs -= System.nanoTime() - startNs;
            }
            switch (hop) {
                case Hop.Body(byte[] bytes) -> {
                    meanBytes += NEWEST * (bytes.length - meanBytes);
                    return new Download(bytes, limits.callTimeout().toNanos() - leftNs);
                }
                case Hop.NeedsBytes(long bytes) -> {
                    // A host that answers more each time does not get a third chance to.
                    needed = askedTwice ? limits.maxBytes() : bytes;
                    askedTwice = true;
                }
                case Hop.Redirect(HttpUrl to) -> {
                    if (++redirects > limits.maxRedirects()) {
                        throw FetchFailures.tooManyRedirects(url, limits.maxRedirects());
                    }
                    url = to;
                }
            }
        }
    }

    private Hop hop(HttpUrl url, long leftNs, Reservation reservation) throws FailureException {
        if (leftNs <= 0) {
            throw FetchFailures.timeout(url, limits);
        }
        Request request =
                new Request.Builder()
                        .url(url)
                        .header("Accept", "image/*")
                        // Otherwise the client asks for gzip and unpacks it, to any size.
                        .header("Accept-Encoding", "identity")
                        .header("User-Agent", USER_AGENT)
                        .build();
        Call call = http.newCall(request);
        call.timeout().timeout(leftNs, TimeUnit.NANOSECONDS);
        CircuitBreaker breaker = breakers.of(url.host() + ":" + url.port());
        // Those who have waited for their turn at a host that is down would wait on in vain, and
        // the messages of all other hosts with them, once they hold all permits.
        if (!breaker.tryAcquirePermission()) {
            throw FetchFailures.down(url);
        }
        return hop(url, call, reservation, breaker);
    }

    /**
     * Tells the breaker whether the host answered; what it answered is nothing to it, nor is a call
     * that failed by our own rules.
     */
    private Hop hop(HttpUrl url, Call call, Reservation reservation, CircuitBreaker breaker)
            throws FailureException {
        long startNs = System.nanoTime();
        boolean reported = false;
        try (Response response = call.execute()) {
            return answer(url, call, response, reservation);
        } catch (IOException e) {
            if (OwnRefusals.isIn(e) || Thread.currentThread().isInterrupted()) {
                breaker.releasePermission();
            } else {
                breaker.onError(System.nanoTime() - startNs, TimeUnit.NANOSECONDS, e);
            }
            reported = true;
            throw FetchFailures.of(e, url, limits);
        } finally {
            if (!reported) {
                breaker.onSuccess(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
            }
        }
    }

    private Hop answer(HttpUrl url, Call call, Response response, Reservation reservation)
            throws IOException, FailureException {
        if (response.isSuccessful()) {
            return image(call, response, reservation);
        }
        int status = response.code();
        if (status < 300 || status >= 400) {
            throw FetchFailures.status(status, url);
        }
        String location = response.header("Location");
        if (location == null) {
            throw FetchFailures.noLocation(status, url);
        }
        return new Hop.Redirect(http.policy().redirect(url, location, Stage.FETCH));
    }

    private Hop image(Call call, Response response, Reservation reservation)
            throws IOException, FailureException {
        boolean complete = false;
        try {
            Optional<byte[]> body = reader.read(response, reservation);
            complete = body.isPresent();
            return complete
                    ? new Hop.Body(body.get())
                    : new Hop.NeedsBytes(reader.bytesFor(response));
        } finally {
            if (!complete) {
                // To keep the connection, closing would read on for 100 ms.
                call.cancel();
            }
        }
    }
}
