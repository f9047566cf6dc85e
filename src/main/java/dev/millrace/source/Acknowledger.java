package dev.millrace.source;

import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.LastErrors;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Settlement;
import dev.millrace.job.StageClock;
import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Tells the queue how messages ended, and is the only one that does. A message's permit goes back
 * when the queue has taken its outcome, or when there is nothing left to say: its lease is lost, or
 * the queue refused too often. The thread {@code acknowledge} collects, makes batches and takes
 * what the queue answered; the calls run beside each other, and it waits for none of them. It owns
 * what waits here.
 */
public final class Acknowledger implements Settlement, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);

    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Calls beside each other: 32,000 messages a second at a round trip of 20 ms. */
    static final int MAX_CALLS = 64;

    private final BatchCalls calls;
    private final ConcurrentCalls running;
    private final VisibilityKeeper keeper;
    private final Admission admission;
    private final Counters counters;
    private final StageClock clock;
    private final MpscAtomicArrayQueue<PendingOutcome> settled;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final WaitingOutcomes deletes;
    private final WaitingOutcomes returns;
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<PendingOutcome> finished = new ArrayList<>();
    private final LimitedLog failures = new LimitedLog(LOG);
    private final LimitedLog rejections = new LimitedLog(LOG);
    private final DutyThread thread;
    private volatile boolean flushing;
    private long sweptNs;

    /**
     * How a call ended.
     *
     * @param refused why, by position in the batch
     * @param failure of the call as a whole, or null
     */
    private record Answer(
            List<PendingOutcome> batch, Map<Integer, String> refused, RuntimeException failure) {}

    /**
     * @param maxMessages in flight at most
     * @param clock is told how long each message was on its way in a call
     * @param duties gives it its thread
     */
    public Acknowledger(
            SqsClient client,
            QueueSettings settings,
            int maxMessages,
            VisibilityKeeper keeper,
            Admission admission,
            Counters counters,
            StageClock clock,
            Duties duties) {
        this(
                new BatchCalls(client, settings.url()),
                new ConcurrentCalls("acknowledge-call", 1, MAX_CALLS, BatchCalls.MAX),
                maxMessages,
                keeper,
                admission,
                counters,
                clock,
                duties);
    }

    Acknowledger(
            BatchCalls calls,
            ConcurrentCalls running,
            int maxMessages,
            VisibilityKeeper keeper,
            Admission admission,
            Counters counters,
            StageClock clock,
            Duties duties) {
        this.calls = calls;
        this.running = running;
        this.settled = new MpscAtomicArrayQueue<>(maxMessages);
        this.keeper = keeper;
        this.deletes = new WaitingOutcomes(keeper, one -> finish(one, Counter.STALE));
        this.returns = new WaitingOutcomes(keeper, one -> finish(one, Counter.STALE));
        this.admission = admission;
        this.counters = counters;
        this.clock = clock;
        this.sweptNs = System.nanoTime();
        this.thread = duties.thread("acknowledge", this::turn, REST_NS, Duration.ZERO);
    }

    @Override
    public void settled(Message message, Outcome outcome) {
        outstanding.incrementAndGet();
        if (!settled.offer(new PendingOutcome(message, outcome))) {
            outstanding.decrementAndGet();
            throw new IllegalStateException("more messages settled than were admitted");
        }
    }

    public void start() {
        thread.start();
    }

    /** Outcomes that the queue has not taken yet. */
    public int waiting() {
        return outstanding.get();
    }

    private Turn turn(long nowNs) {
        int done = doWork(nowNs);
        if (running.hangs(nowNs)) {
            // What the other calls do must not hide it.
            LockSupport.parkNanos(REST_NS);
            return Turn.UNFINISHED;
        }
        return done > 0 ? Turn.WORKED : Turn.IDLE;
    }

    /** Sends what is ready; says how many outcomes it took or sent. */
    int doWork(long nowNs) {
        int done = answered(nowNs) + take(nowNs);
        if (nowNs - sweptNs >= REST_NS) {
            sweptNs = nowNs;
            deletes.dropStale(nowNs);
            returns.dropStale(nowNs);
        }
        int sent = -1;
        while (sent != 0 && running.isFree(nowNs)) {
            sent = send(returns, nowNs);
            sent += running.isFree(nowNs) ? send(deletes, nowNs) : 0;
            done += sent;
        }
        done += answered(nowNs);
        release();
        return done;
    }

    private int take(long nowNs) {
        int taken = 0;
        for (PendingOutcome one = settled.poll(); one != null; one = settled.poll()) {
            one.ready(nowNs);
            switch (one.outcome) {
                case Outcome.Delivered _, Outcome.Dropped _ -> deletes.add(one);
                case Outcome.Retry _ -> returns.add(one);
                case Outcome.Rejected rejected -> reject(one, rejected);
            }
            taken++;
        }
        return taken;
    }

    private void reject(PendingOutcome one, Outcome.Rejected rejected) {
        rejections.warn(
                "%s is left to the queue's redrive policy: %s"
                        .formatted(one.message.id(), rejected.failure().message()));
        finish(one, Counter.REJECTED);
    }

    private void finish(PendingOutcome one, Counter counter) {
        counters.increment(counter);
        finished.add(one);
    }

    private int send(WaitingOutcomes waiting, long nowNs) {
        List<PendingOutcome> batch = waiting.batch(nowNs, flushing);
        if (!batch.isEmpty()) {
            running.begin(nowNs, () -> tell(waiting, batch));
        }
        return batch.size();
    }

    /** One call, on a thread of its own, which may have begun late. */
    private ConcurrentCalls.Ending tell(WaitingOutcomes from, List<PendingOutcome> taken) {
        long startNs = System.nanoTime();
        List<PendingOutcome> batch =
                taken.stream().filter(one -> !from.isStale(one, startNs, settled::offer)).toList();
        if (batch.isEmpty()) {
            return ConcurrentCalls.Ending.FEWER;
        }
        try {
            Map<Integer, String> refused = calls.tell(batch);
            long tookNs = System.nanoTime() - startNs;
            batch.forEach(_ -> clock.add(tookNs));
            answers.add(new Answer(batch, refused, null));
            return ConcurrentCalls.Ending.MORE;
        } catch (RuntimeException e) {
            answers.add(new Answer(batch, Map.of(), e));
            return ConcurrentCalls.Ending.FAILED;
        }
    }

    /** Takes what the queue has answered; says of how many outcomes. */
    private int answered(long nowNs) {
        int taken = 0;
        for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
            taken += answer.batch.size();
            WaitingOutcomes again = answer.batch.getFirst().isRetry() ? returns : deletes;
            if (answer.failure != null) {
                counters.add(Counter.ACKNOWLEDGE_ERRORS, answer.batch.size());
                String why = LimitedLog.reason(answer.failure);
                counters.lastErrors().note(LastErrors.ACKNOWLEDGE, "", why);
                failures.warn(
                        "the queue cannot be told of messages, and the worker tries again: " + why);
                again.addAll(answer.batch);
                continue;
            }
            for (int i = 0; i < answer.batch.size(); i++) {
                PendingOutcome one = answer.batch.get(i);
                if (!answer.refused.containsKey(i)) {
                    if (one.counter() == Counter.DELETED) {
                        counters.totals().add(nowNs - one.message.delivery().receivedNs());
                    }
                    finish(one, one.counter());
                } else if (refused(one, answer.refused.get(i), nowNs)) {
                    again.add(one);
                }
            }
        }
        return taken;
    }

    /** Says whether it is told once more. */
    private boolean refused(PendingOutcome one, String why, long nowNs) {
        counters.increment(Counter.ACKNOWLEDGE_ERRORS);
        boolean again = one.refused(nowNs);
        counters.lastErrors().note(LastErrors.ACKNOWLEDGE, "", why);
        failures.warn(
                "the queue did not delete or release a message, and the worker %s: %s"
                        .formatted(again ? "tries again" : "leaves it to the queue", why));
        if (!again) {
            finished.add(one);
        }
        return again;
    }

    /** Together, so that a receiver finds permits for a full batch. */
    private void release() {
        if (!finished.isEmpty()) {
            finished.forEach(one -> keeper.forget(one.message));
            admission.release(finished.stream().map(one -> one.message).toArray(Message[]::new));
            outstanding.addAndGet(-finished.size());
            finished.clear();
        }
    }

    /**
     * Waits until the queue has taken everything that is settled, without waiting for fuller
     * batches; says whether it has.
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        flushing = true;
        try {
            while (outstanding.get() > 0 && !deadline.passed()) {
                Thread.sleep(Duration.ofNanos(REST_NS));
            }
            return outstanding.get() == 0;
        } finally {
            flushing = false;
        }
    }

    /**
     * Ends the thread and lets calls that run end; what the queue has not taken stays hidden until
     * its lease ends.
     */
    @Override
    public void close() {
        thread.close();
        running.end(BatchCalls.MAX);
    }
}
