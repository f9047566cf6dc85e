package dev.millrace.source;

import dev.millrace.duty.Duties;
import dev.millrace.duty.Duty;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.LastErrors;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Settlement;
import dev.millrace.job.StageClock;
import dev.millrace.job.Tracing;
import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Receives messages, as many as {@link Admission} permits. The thread {@code receive} takes permits
 * and begins polls, which run beside each other and hand their messages on: one while nothing
 * comes, one more for each that found a backlog. It never ends because of the queue: it pauses and
 * asks again.
 */
public final class SqsSource {
    private static final Logger LOG = LoggerFactory.getLogger(SqsSource.class);

    private static final long PAUSE_BETWEEN_SHORT_POLLS_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Polls beside each other while messages trickle in; one while the queue has none. */
    static final int AT_REST = 2;

    /** More than this in one answer, and no further poll is begun beside it. */
    private static final int LARGE_ANSWER_BYTES = 1 << 20;

    private static final Duration TURN = Duration.ofSeconds(1);

    private final ReceiveCall call;
    private final Intake intake;
    private final QueueSettings settings;
    private final LongSupplier patienceNs;
    private final Admission admission;
    private final Counters counters;
    private final StageClock clock;
    private final ConcurrentCalls polls;
    private final PollPace pace = new PollPace(System.nanoTime());
    private final DutyThread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Whether a message came; until then nobody knows how many images one has here. */
    private volatile boolean known;

    private final LimitedLog failures = new LimitedLog(LOG);

    /**
     * @param reader of bodies
     * @param patienceNs how long a receiver lets messages gather when the queue had less than half
     *     of what it asked for. A call costs the same for one message as for ten, CPU and money.
     * @param settlement takes the outcomes of the messages
     * @param tracing says to which trace each belongs
     * @param clock is told how long the permits of polls that found messages were on their way
     * @param duties gives it its thread
     */
    public SqsSource(
            SqsClient client,
            QueueSettings settings,
            ContentsReader reader,
            LongSupplier patienceNs,
            Admission admission,
            VisibilityKeeper keeper,
            Settlement settlement,
            Tracing tracing,
            Counters counters,
            StageClock clock,
            Duties duties) {
        this.call = new ReceiveCall(client, settings);
        this.intake = new Intake(reader, admission, keeper, settlement, tracing, counters);
        this.settings = settings;
        this.patienceNs = patienceNs;
        this.admission = admission;
        this.counters = counters;
        this.clock = clock;
        this.polls =
                new ConcurrentCalls(
                        "receive-call", AT_REST, settings.polls(), SqsClients.maxCall(settings));
        this.thread = duties.thread("receive", new Receiver());
    }

    /**
     * Starts to receive.
     *
     * @param messages owns each message from then on; called by several threads
     */
    public void start(Consumer<Message> messages) {
        intake.handTo(messages);
        thread.start();
    }

    /**
     * Ends admission and with it the polls. A running one ends in its own time, and what it brings
     * is still handed on.
     */
    public void stop() {
        stopped.countDown();
        admission.close();
        thread.stop();
    }

    /** Waits until no poll runs; says whether that is so. */
    public boolean awaitStopped(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        return thread.awaitEnd(deadline.left()) && polls.awaitNone(deadline.left());
    }

    /** Whether as many polls run as may, while the queue has more than they bring. */
    public boolean isLimit() {
        return polls.areMost() && pace.isBacklog();
    }

    /** Whether the queue did not answer the last polls. */
    public boolean isFailing() {
        return polls.areFailing();
    }

    /** Begins a poll for as many messages as may be in flight, again and again. */
    private final class Receiver implements Duty {
        @Override
        public Turn turn(long nowNs) throws InterruptedException {
            Turn turn = begin() ? Turn.WORKED : Turn.IDLE;
            intake.flushLogs();
            // What the other polls do must not hide one that hangs.
            return polls.hangs(System.nanoTime()) ? Turn.UNFINISHED : turn;
        }

        private boolean begin() throws InterruptedException {
            if (!polls.await(TURN)) {
                return false;
            }
            boolean look = !known;
            int permits = admission.acquire(look ? 1 : ReceiveCall.SIZE);
            if (stopped.getCount() == 0) {
                admission.polled(permits, 0);
                return false;
            }
            if (permits == 0) {
                return false;
            }
            polls.begin(System.nanoTime(), () -> poll(permits, look));
            return true;
        }

        @Override
        public void stop() {
            polls.close();
        }
    }

    /**
     * One poll, on a thread of its own.
     *
     * @param look whether it is for one message to see what they are like, and says nothing of more
     */
    private ConcurrentCalls.Ending poll(int permits, boolean look) {
        long startNs = System.nanoTime();
        List<ReceiveCall.Arrival> arrivals;
        try {
            arrivals = call.receive(permits);
        } catch (RuntimeException | Error e) {
            admission.polled(permits, 0);
            counters.increment(Counter.RECEIVE_ERRORS);
            String reason = LimitedLog.reason(e);
            counters.lastErrors().note(LastErrors.RECEIVE, "", reason);
            failures.warn("the queue cannot be polled, and the worker tries again: " + reason);
            return ConcurrentCalls.Ending.FAILED;
        }
        long nowNs = System.nanoTime();
        boolean backlog = pace.isBacklog(arrivals.size(), permits, nowNs - startNs, nowNs);
        if (backlog) {
            clock.add(permits * (nowNs - startNs));
        }
        if (arrivals.size() < permits) {
            admission.polled(permits - arrivals.size(), 0);
        }
        counters.add(Counter.RECEIVED, arrivals.size());
        int images = arrivals.stream().mapToInt(intake::take).sum();
        admission.polled(arrivals.size(), arrivals.size(), images);
        known |= !arrivals.isEmpty();
        pause(backlog ? 0 : pauseNs(arrivals.size(), permits));
        // An empty answer to a call that did not wait proves little: SQS asks some of its servers.
        if (arrivals.isEmpty() && !settings.waitTime().isZero()) {
            return ConcurrentCalls.Ending.NOTHING;
        }
        return backlog && !look && !isLarge(arrivals)
                ? ConcurrentCalls.Ending.MORE
                : ConcurrentCalls.Ending.FEWER;
    }

    /** The answers to many polls would fill the heap before anybody could count their texts. */
    private static boolean isLarge(List<ReceiveCall.Arrival> arrivals) {
        return arrivals.stream()
                        .mapToLong(arrival -> arrival.body() == null ? 0 : arrival.body().length())
                        .sum()
                > LARGE_ANSWER_BYTES;
    }

    private void pause(long nanos) {
        try {
            stopped.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // Nobody here interrupts a poll; it ends, and its thread with it.
            Thread.currentThread().interrupt();
        }
    }

    private long pauseNs(int arrived, int asked) {
        if (arrived == 0) {
            return settings.waitTime().isZero() ? PAUSE_BETWEEN_SHORT_POLLS_NS : 0;
        }
        return 2 * arrived < asked ? patienceNs.getAsLong() : 0;
    }
}
