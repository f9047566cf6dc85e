package dev.millrace.fetch;

import dev.millrace.job.Admission;
import dev.millrace.job.BugLog;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.HostLog;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.Message;
import dev.millrace.job.ObjectRef;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Screening;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.job.TaskGroup;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostLimiter;
import dev.millrace.objects.ObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Carries each message through its download, one virtual thread for each, and publishes one job per
 * task. The internet is not in order and the ring is, so a job enters it only with its bytes.
 *
 * <p>Whatever happens, a message leaves here exactly once: into the rings, to the callback with its
 * failures, or settled.
 */
public final class Fetcher {
    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);

    /** Of a message, so that it spends no more for others than it can spare. */
    private static final int RECEIVES_TO_GIVE_WAY = 2;

    private final GuardedHttp images;
    private final GuardedHttp objects;
    private final ObjectStore store;
    private final Entrances entrances;
    private final Admission admission;
    private final int maxReceives;
    private final long maxMessageBytes;
    private final Screening screening;
    private final Consumer<Message> completed;
    private final Counters counters;
    private final StageClock clock;
    private final Downloader downloader;
    private final TaskGroup tasks = new TaskGroup("fetch");
    private final HostLog retries = new HostLog(LOG);
    private final BugLog bugs = new BugLog(LOG, Level.ERROR);
    private volatile boolean draining;
    private volatile boolean givingBack;

    /**
     * @param images client for image URLs
     * @param hosts turns at image hosts
     * @param store the buckets that may be read
     * @param objects client for these buckets; the one for image URLs where they are on AWS
     * @param rings by task the ways into them; one may be replaced by its successor at any time
     * @param admission whose byte budget is at least {@code limits.maxBytes()}
     * @param maxReceives receives after which a failure that may pass is reported instead of tried
     *     again
     * @param screening of downloaded images, before a ring has them
     * @param completed takes over a message whose tasks all have a result
     */
    public Fetcher(
            FetchLimits limits,
            GuardedHttp images,
            HostLimiter hosts,
            ObjectStore store,
            GuardedHttp objects,
            Map<String, ? extends JobEntrance> rings,
            Admission admission,
            int maxReceives,
            Screening screening,
            Consumer<Message> completed,
            Counters counters,
            StageClock clock) {
        this.images = images;
        this.objects = objects;
        this.store = store;
        this.entrances = new Entrances(rings, completed, this::unexpected);
        this.admission = admission;
        this.maxReceives = maxReceives;
        this.maxMessageBytes = limits.maxMessageBytes();
        this.screening = screening;
        this.completed = completed;
        this.counters = counters;
        this.clock = clock;
        this.downloader = new Downloader(limits, hosts);
    }

    /** Takes over an admitted message. Returns at once. */
    public void accept(Message message) {
        accept(message, () -> download(message));
    }

    /**
     * Takes over a message whose image came with it. Returns at once. Where a slot is free it goes
     * there straight away: a task of its own would cost its caller the time of two threads that
     * wake.
     *
     * @param body that the message holds the bytes of
     */
    public void accept(Message message, byte[] body) {
        if (draining || !offered(message, body)) {
            accept(message, () -> body);
        }
    }

    private boolean offered(Message message, byte[] body) {
        try {
            if (!screening.passes(message) || !entrances.offer(message, body)) {
                return false;
            }
            message.usage().read();
        } catch (RuntimeException | Error e) {
            message.settle(unexpected(message, e));
        }
        return true;
    }

    private void accept(Message message, ImageBytes image) {
        if (draining) {
            message.settle(Outcome.Retry.draining(Stage.FETCH));
            return;
        }
        tasks.start(() -> carry(message, image));
    }

    /** Where the bytes of an image come from. */
    @FunctionalInterface
    private interface ImageBytes {
        byte[] get() throws FailureException, InterruptedException;
    }

    private void carry(Message message, ImageBytes image) {
        try {
            if (message.hasCaller()) {
                message.usage().begin();
            }
            fetch(message, image);
            message.usage().end();
        } catch (FailureException e) {
            message.usage().end();
            failed(message, e.failure());
        } catch (InterruptedException e) {
            message.usage().end();
            message.settle(Entrances.interrupted(message));
        } catch (RuntimeException | Error e) {
            message.usage().end();
            // Also when memory runs out: a message that nobody settles keeps its permit for ever.
            message.settle(unexpected(message, e));
        }
    }

    private void fetch(Message message, ImageBytes image)
            throws FailureException, InterruptedException {
        if (entrances.failUnknownTasks(message)) {
            message.usage().end();
            completed.accept(message);
        } else {
            byte[] body = image.get();
            try {
                screening.screen(message, body);
                entrances.publish(message, body);
            } finally {
                message.usage().read();
            }
        }
    }

    private Target target(Request request) throws FailureException {
        if (request.object().isPresent()) {
            return ObjectTarget.of(request.object().get(), store, objects);
        }
        String url = request.url();
        if (ObjectRef.isS3(url)) {
            try {
                return ObjectTarget.of(ObjectRef.parse(url), store, objects);
            } catch (IllegalArgumentException e) {
                throw ObjectStore.forbidden(e.getMessage());
            }
        }
        return new UrlTarget(images.policy().check(url, Stage.FETCH), images);
    }

    private byte[] download(Message message) throws FailureException, InterruptedException {
        Target target = target(message.request());
        Message whole = message.whole();
        if (whole.imageBytes() >= maxMessageBytes) {
            throw FetchFailures.tooMuchOfAMessage(maxMessageBytes);
        }
        long startNs = System.nanoTime();
        try (Reservation reservation = new Reservation(admission)) {
            long bytes = 0;
            try {
                byte[] body = download(message, target, reservation);
                bytes = body.length;
                return body;
            } finally {
                if (whole != message) {
                    // What a download that failed may have read is what it had reserved.
                    whole.addImageBytes(bytes + reservation.held());
                }
            }
        } finally {
            message.fetched(startNs, System.nanoTime());
        }
    }

    private byte[] download(Message message, Target target, Reservation reservation)
            throws FailureException, InterruptedException {
        boolean mayGiveWay =
                message.delivery().receiveCount() <= RECEIVES_TO_GIVE_WAY
                        && message.delivery().mayComeAgain(maxReceives);
        Downloader.Download done = downloader.download(target, reservation, mayGiveWay);
        byte[] body = done.body();
        message.fetchNs(done.busyNs());
        message.usage().body(reservation.handOver(body.length), admission);
        counters.add(Counter.FETCHED_BYTES, body.length);
        clock.add(done.busyNs());
        return body;
    }

    private void failed(Message message, Failure failure) {
        if (givingBack || message.isAbandoned()) {
            message.settle(Entrances.interrupted(message));
        } else if (failure.kind().retryable() && message.delivery().mayComeAgain(maxReceives)) {
            Outcome.Retry retry = Outcome.Retry.backedOff(message, failure);
            String host = host(message.request());
            counters.again(failure.kind(), host, failure.message());
            retries.warn(host, retry.line(message, maxReceives));
            message.settle(retry);
        } else {
            message.failAll(failure);
            completed.accept(message);
        }
    }

    private static String host(Request request) {
        if (request.object().isPresent()) {
            return request.object().get().bucket();
        }
        HttpUrl parsed = HttpUrl.parse(request.url());
        return parsed == null ? "" : parsed.host();
    }

    private Outcome.Retry unexpected(Message message, Throwable e) {
        bugs.say(
                "the fetch stage, whose message the queue gives out again,",
                message.delivery().messageId(),
                e);
        return Outcome.Retry.backedOff(
                message,
                new Failure(
                        Failure.Kind.FETCH_FAILED,
                        Stage.FETCH,
                        "the worker failed while it downloaded the image; the worker will"
                                + " try again"));
    }

    /** How long hosts have been asked and read from, all downloads together, those now included. */
    public long callsNs() {
        return downloader.callsNs();
    }

    /** Names of image hosts that do not answer and were asked within a minute, a few at most. */
    public List<String> hostsDown() {
        return downloader.hostsDown();
    }

    /** Messages in this stage. */
    public int inFlight() {
        return tasks.running();
    }

    /**
     * Ends the stage: what is accepted from now on is given back, what runs may end until {@code
     * timeout} and is then given back.
     *
     * @return whether all ended in time
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        draining = true;
        if (tasks.await(timeout)) {
            return true;
        }
        givingBack = true;
        tasks.interrupt();
        tasks.await(Duration.ofSeconds(1));
        return false;
    }
}
