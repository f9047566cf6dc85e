package dev.millrace.fetch;

import dev.millrace.job.FailureException;
import dev.millrace.job.UnderWay;
import dev.millrace.net.HostBreakers;
import dev.millrace.net.HostLimiter;
import dev.millrace.net.OwnRefusals;
import dev.millrace.net.TurnRefusedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.Headers;
import okhttp3.Request;
import okhttp3.Response;

/**
 * From a {@link Target} to bytes, hop by hop: each takes a turn at its host, asks, reserves memory
 * once the answer says how much, and reads. The clock of a download runs only while it asks and
 * reads.
 *
 * <p>Nobody waits for a turn or for bytes with bytes in hand: who has bytes has all that it needs
 * to end, and so every wait for them ends. Thread-safe.
 */
final class Downloader {
    /** Between two looks at a host that does not answer. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Duration ASKED_WITHIN = Duration.ofMinutes(1);

    private final FetchLimits limits;
    private final HostLimiter hosts;
    private final HostBreakers breakers = new HostBreakers(PAUSE);
    private final BodyReader reader;
    private final UnderWay calls = new UnderWay();

    Downloader(FetchLimits limits, HostLimiter hosts) {
        this.limits = limits;
        this.hosts = hosts;
        this.reader = new BodyReader(limits.maxBytes(), limits.minimumRate());
    }

    /** Names of the hosts that do not answer and were asked within a minute, a few at most. */
    List<String> hostsDown() {
        return breakers.down(ASKED_WITHIN);
    }

    /** How long hosts have been asked and read from, all downloads together, those now included. */
    long callsNs() {
        return calls.spentNs();
    }

    /**
     * An image and what it took.
     *
     * @param busyNs without the waits for a turn and for memory
     */
    record Download(byte[] body, long busyNs) {}

    /**
     * Downloads one image; its bytes are then held by {@code reservation}.
     *
     * @param mayComeAgain whether it gives way where its host has most of what others need, too
     */
    Download download(Target first, Reservation reservation, boolean mayComeAgain)
            throws FailureException, InterruptedException {
        return new Run(reservation, mayComeAgain).download(first);
    }

    /** One download. */
    private final class Run {
        private final Reservation reservation;
        private final boolean mayComeAgain;
        private long leftNs = limits.callTimeout().toNanos();

        /** Whether an answer of unknown length may take as much as any. */
        private boolean all;

        Run(Reservation reservation, boolean mayComeAgain) {
            this.reservation = reservation;
            this.mayComeAgain = mayComeAgain;
        }

        Download download(Target first) throws FailureException, InterruptedException {
            Target target = first;
            int redirects = 0;
            while (true) {
                Hop hop;
                reservation.close();
                try (HostLimiter.Turn turn = hosts.acquire(target.url().host(), mayComeAgain)) {
                    hop = hop(target, turn);
                } catch (TurnRefusedException e) {
                    throw e.isFailing()
                            ? FetchFailures.failing(target)
                            : FetchFailures.crowded(target);
                }
                switch (hop) {
                    case Hop.Body(byte[] bytes) -> {
                        return new Download(bytes, limits.callTimeout().toNanos() - leftNs);
                    }
                    case Hop.NeedsMore() -> all = true;
                    case Hop.Redirect(Target to) -> {
                        if (++redirects > limits.maxRedirects()) {
                            throw FetchFailures.tooManyRedirects(target, limits.maxRedirects());
                        }
                        target = to;
                    }
                }
            }
        }

        private Hop hop(Target target, HostLimiter.Turn turn)
                throws FailureException, InterruptedException {
            if (leftNs <= 0) {
                throw FetchFailures.timeout(target, limits);
            }
            // Before the breaker's permission, which somebody would have to give back.
            Request request = request(target);
            CircuitBreaker breaker = breakers.of(target.url().host() + ":" + target.url().port());
            // Those who have waited for their turn at a host that is down would wait on in vain,
            // and the messages of all other hosts with them, once they hold all permits.
            if (!breaker.tryAcquirePermission()) {
                throw FetchFailures.down(target);
            }
            CallDeadline deadline = new CallDeadline(target.http().newCall(request), leftNs, calls);
            deadline.start();
            try {
                return hop(target, deadline, breaker, turn);
            } finally {
                leftNs = deadline.stop();
            }
        }

        /**
         * Tells the breaker whether the host answered, to which it is nothing what it answered, and
         * its limit whether it was too much for the host. A call that failed by our own rules, or
         * waited for our memory, says neither.
         */
        private Hop hop(
                Target target, CallDeadline deadline, CircuitBreaker breaker, HostLimiter.Turn turn)
                throws FailureException, InterruptedException {
            long startNs = System.nanoTime();
            boolean reported = false;
            try (Response response = deadline.call().execute()) {
                turn.ended(!FetchFailures.isTooMuch(response.code()));
                return answer(target, deadline, response);
            } catch (IOException e) {
                if (OwnRefusals.isIn(e)
                        || deadline.hasPaused()
                        || Thread.currentThread().isInterrupted()) {
                    breaker.releasePermission();
                } else {
                    breaker.onError(System.nanoTime() - startNs, TimeUnit.NANOSECONDS, e);
                    turn.ended(false);
                }
                reported = true;
                throw deadline.hasPassed()
                        ? FetchFailures.timeout(target, limits)
                        : FetchFailures.of(e, target, limits);
            } finally {
                if (!reported) {
                    breaker.onSuccess(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
                }
            }
        }

        private Hop answer(Target target, CallDeadline deadline, Response response)
                throws IOException, FailureException, InterruptedException {
            if (response.isSuccessful()) {
                return image(deadline, response);
            }
            return new Hop.Redirect(target.next(response));
        }

        private Hop image(CallDeadline deadline, Response response)
                throws IOException, FailureException, InterruptedException {
            boolean complete = false;
            try {
                Optional<byte[]> body = reader.read(response, reservation, deadline, all);
                complete = body.isPresent();
                return complete ? new Hop.Body(body.get()) : new Hop.NeedsMore();
            } finally {
                if (!complete) {
                    // To keep the connection, closing would read on for 100 ms.
                    deadline.call().cancel();
                }
            }
        }
    }

    private Request request(Target target) throws FailureException, InterruptedException {
        Request.Builder request =
                target.http()
                        .request(target.url())
                        .header("Accept", "image/*")
                        // Otherwise the client asks for gzip and unpacks it, to any size.
                        .header("Accept-Encoding", "identity");
        Headers own = target.headers();
        for (int i = 0; i < own.size(); i++) {
            request.header(own.name(i), own.value(i));
        }
        return request.build();
    }
}
