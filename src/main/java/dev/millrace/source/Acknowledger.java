package dev.millrace.source;

import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Settlement;
import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Tells the queue how messages ended, and is the only one that does. A message's permit goes back
 * when the queue has taken its outcome, or when there is nothing left to say: its lease is lost, or
 * the queue refused too often. Works on the thread {@code acknowledge}; owns what waits there.
 */
public final class Acknowledger implements Settlement, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);

    /** How long an outcome waits for others to share its call. */
    private static final long LINGER_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A reachable queue that refuses an entry this often will not change its mind. */
    private static final int MAX_REFUSALS = 10;

    private final BatchCalls calls;
    private final VisibilityKeeper keeper;
    private final Admission admission;
    private final Counters counters;
    private final MpscAtomicArrayQueue<Ending> settled;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final List<Ending> deletes = new ArrayList<>();
    private final List<Ending> returns = new ArrayList<>();
    private final LimitedLog failures = new LimitedLog(LOG);
    private final LimitedLog rejections = new LimitedLog(LOG);
    private final DutyThread thread;
    private volatile boolean flushing;
    private int failedCalls;
    private long pausedUntilNs;

    /** An outcome on its way. */
    private static final class Ending {
        final Message message;
        final Outcome outcome;
        long readyNs;
        int refusals;

        Ending(Message message, Outcome outcome) {
            this.message = message;
            this.outcome = outcome;
        }
    }

    /**
     * @param maxMessages in flight at most
     * @param duties gives it its thread
     */
    public Acknowledger(
            SqsClient client,
            QueueSettings settings,
            int maxMessages,
            VisibilityKeeper keeper,
            Admission admission,
            Counters counters,
            Duties duties) {
        this.calls = new BatchCalls(client, settings.url());
        this.settled = new MpscAtomicArrayQueue<>(maxMessages);
        this.keeper = keeper;
        this.admission = admission;
        this.counters = counters;
        this.thread =
                duties.thread(
                        "acknowledge",
                        nowNs -> doWork(nowNs) > 0 ? Turn.WORKED : Turn.IDLE,
                        REST_NS,
                        BatchCalls.MAX);
    }

    @Override
    public void settled(Message message, Outcome outcome) {
        outstanding.incrementAndGet();
        if (!settled.offer(new Ending(message, outcome))) {
            outstanding.decrementAndGet();
            throw new IllegalStateException("more messages settled than were admitted");
        }
    }

    public void start() {
        thread.start();
    }

    /** Sends what is ready; says how many outcomes it took or sent. */
    int doWork(long nowNs) {
        int taken = take(nowNs);
        return taken + send(deletes, nowNs) + send(returns, nowNs);
    }

    private int take(long nowNs) {
        int taken = 0;
        for (Ending ending = settled.poll(); ending != null; ending = settled.poll()) {
            ending.readyNs = nowNs;
            switch (ending.outcome) {
                case Outcome.Delivered _ -> deletes.add(ending);
                case Outcome.Retry _ -> returns.add(ending);
                case Outcome.Rejected rejected -> reject(ending, rejected);
            }
            taken++;
        }
        return taken;
    }

    private void reject(Ending ending, Outcome.Rejected rejected) {
        rejections.warn(
                "%s is left to the queue's redrive policy: %s"
                        .formatted(ending.message.request().id(), rejected.failure().message()));
        finish(ending, Counter.REJECTED);
    }

    private int send(List<Ending> waiting, long nowNs) {
        dropStale(waiting, nowNs);
        int sent = 0;
        List<Ending> batch = nextBatch(waiting, nowNs);
        while (!batch.isEmpty()) {
            send(batch, waiting, nowNs);
            thread.progressed();
            sent += batch.size();
            batch = nextBatch(waiting, nowNs);
        }
        return sent;
    }

    /** A receipt that is no longer ours might by now name somebody else's work. */
    private void dropStale(List<Ending> waiting, long nowNs) {
        waiting.removeIf(
                ending -> {
                    boolean stale = keeper.isOver(ending.message, nowNs);
                    if (stale) {
                        finish(ending, Counter.STALE);
                    }
                    return stale;
                });
    }

    /** Takes a batch that is full, or whose oldest entry has waited long enough. */
    private List<Ending> nextBatch(List<Ending> waiting, long nowNs) {
        List<Ending> batch = new ArrayList<>(BatchCalls.SIZE);
        if (failedCalls > 0 && nowNs - pausedUntilNs < 0) {
            return batch;
        }
        boolean overdue = flushing;
        for (Ending ending : waiting) {
            if (nowNs - ending.readyNs >= 0 && keeper.silence(ending.message)) {
                batch.add(ending);
                overdue |= nowNs - ending.readyNs >= LINGER_NS;
            }
            if (batch.size() == BatchCalls.SIZE) {
                break;
            }
        }
        if (batch.size() < BatchCalls.SIZE && !overdue) {
            return List.of();
        }
        waiting.removeAll(batch);
        return batch;
    }

    private void send(List<Ending> batch, List<Ending> waiting, long nowNs) {
        try {
            Map<Integer, String> refused = call(batch);
            failedCalls = 0;
            List<Ending> finished = new ArrayList<>(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                if (refused.containsKey(i)) {
                    refused(batch.get(i), refused.get(i), waiting, nowNs);
                } else {
                    counters.increment(counter(batch.get(i).outcome));
                    finished.add(batch.get(i));
                }
            }
            release(finished);
        } catch (RuntimeException e) {
            counters.add(Counter.ACKNOWLEDGE_ERRORS, batch.size());
            failures.warn(
                    "the queue cannot be told of finished messages, trying again: "
                            + LimitedLog.reason(e));
            pausedUntilNs = nowNs + QueueSettings.RETRY_DELAY.after(++failedCalls).toNanos();
            waiting.addAll(batch);
        }
    }

    private Map<Integer, String> call(List<Ending> batch) {
        List<Message> messages = batch.stream().map(ending -> ending.message).toList();
        return batch.getFirst().outcome instanceof Outcome.Retry
                ? calls.changeVisibility(messages, batch.stream().map(Acknowledger::pause).toList())
                : calls.delete(messages);
    }

    /** Seconds, rounded up, so that the message does not return too early. */
    private static int pause(Ending ending) {
        return ending.outcome instanceof Outcome.Retry retry
                ? (int)
                        Math.clamp(
                                retry.after().plusNanos(999_999_999).toSeconds(),
                                0,
                                QueueSettings.MAX_VISIBILITY.toSeconds())
                : 0;
    }

    private static Counter counter(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Delivered _ -> Counter.DELETED;
            case Outcome.Retry _ -> Counter.RETRIED;
            case Outcome.Rejected _ -> Counter.REJECTED;
        };
    }

    private void refused(Ending ending, String why, List<Ending> waiting, long nowNs) {
        counters.increment(Counter.ACKNOWLEDGE_ERRORS);
        ending.refusals++;
        if (ending.refusals < MAX_REFUSALS) {
            failures.warn("the queue refused an outcome, trying again: " + why);
            ending.readyNs = nowNs + QueueSettings.RETRY_DELAY.after(ending.refusals).toNanos();
            waiting.add(ending);
        } else {
            failures.warn("the queue refused an outcome for good: " + why);
            release(List.of(ending));
        }
    }

    private void finish(Ending ending, Counter counter) {
        counters.increment(counter);
        release(List.of(ending));
    }

    /** Together, so that a receiver finds permits for a full batch. */
    private void release(List<Ending> endings) {
        List<Message> messages = endings.stream().map(ending -> ending.message).toList();
        messages.forEach(keeper::forget);
        admission.release(messages);
        outstanding.addAndGet(-endings.size());
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

    /** Ends the thread; what the queue has not taken stays hidden until its lease ends. */
    @Override
    public void close() {
        thread.close();
    }
}
