package dev.millrace.source;

import dev.millrace.duty.Duties;
import dev.millrace.duty.Duty;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import dev.millrace.job.Stage;
import dev.millrace.net.UrlPolicy;
import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Receives messages, as many as {@link Admission} permits, on the threads {@code receive-0} and so
 * on. A receiver never ends because of the queue: it pauses and asks again.
 */
public final class SqsSource {
    private static final Logger LOG = LoggerFactory.getLogger(SqsSource.class);

    private static final Failure NOT_TAKEN =
            new Failure(
                    Failure.Kind.FETCH_FAILED,
                    Stage.RECEIVE,
                    "the worker could not take the message; it tries again");

    private static final long PAUSE_BETWEEN_SHORT_POLLS_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What all permits together may hold of smaller ones is of no weight. */
    private static final int LARGE_TEXT_BYTES = 4 << 10;

    private final ReceiveCall call;
    private final QueueSettings settings;
    private final UrlPolicy callbacks;
    private final LongSupplier patienceNs;
    private final Admission admission;
    private final VisibilityKeeper keeper;
    private final Settlement settlement;
    private final Counters counters;
    private final Duties duties;
    private final List<DutyThread> receivers = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final LimitedLog failures = new LimitedLog(LOG);
    private final LimitedLog refusals = new LimitedLog(LOG);

    /**
     * @param callbacks rules for callback URLs
     * @param patienceNs how long a receiver lets messages gather when the queue had less than half
     *     of what it asked for. A call costs the same for one message as for ten, CPU and money.
     * @param settlement takes the outcomes of the messages
     * @param duties gives the receivers their threads
     */
    public SqsSource(
            SqsClient client,
            QueueSettings settings,
            UrlPolicy callbacks,
            LongSupplier patienceNs,
            Admission admission,
            VisibilityKeeper keeper,
            Settlement settlement,
            Counters counters,
            Duties duties) {
        this.call = new ReceiveCall(client, settings);
        this.settings = settings;
        this.callbacks = callbacks;
        this.patienceNs = patienceNs;
        this.admission = admission;
        this.keeper = keeper;
        this.settlement = settlement;
        this.counters = counters;
        this.duties = duties;
    }

    /**
     * Starts to receive.
     *
     * @param consumer owns each message from then on; called by several threads
     */
    public void start(Consumer<Message> consumer) {
        for (int i = 0; i < settings.receivers(); i++) {
            DutyThread receiver =
                    duties.thread(
                            "receive-" + i,
                            new Receiver(consumer),
                            0,
                            SqsClients.maxCall(settings));
            receivers.add(receiver);
            receiver.start();
        }
    }

    /**
     * Ends admission and with it the polls. A running one ends in its own time, and what it brings
     * is still handed on.
     */
    public void stop() {
        stopped.countDown();
        admission.close();
        receivers.forEach(DutyThread::stop);
    }

    /** Waits until no poll runs; says whether that is so. */
    public boolean awaitStopped(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        for (DutyThread receiver : receivers) {
            if (!receiver.awaitEnd(deadline.left())) {
                return false;
            }
        }
        return true;
    }

    /** One receiver: a poll for as many messages as may be in flight, again and again. */
    private final class Receiver implements Duty {
        private final Consumer<Message> consumer;
        private int failed;

        Receiver(Consumer<Message> consumer) {
            this.consumer = consumer;
        }

        @Override
        public Turn turn(long nowNs) throws InterruptedException {
            int permits = admission.acquire(ReceiveCall.SIZE);
            if (permits == 0) {
                return Turn.IDLE;
            }
            if (stopped.getCount() == 0) {
                admission.unused(permits);
                return Turn.IDLE;
            }
            failed = poll(permits, consumer) ? 0 : failed + 1;
            if (failed > 0) {
                stopped.await(
                        QueueSettings.RETRY_DELAY.after(failed).toNanos(), TimeUnit.NANOSECONDS);
            }
            return Turn.WORKED;
        }
    }

    /** Says whether the queue answered. */
    private boolean poll(int permits, Consumer<Message> consumer) throws InterruptedException {
        List<ReceiveCall.Arrival> arrivals;
        try {
            arrivals = call.receive(permits);
        } catch (RuntimeException | Error e) {
            admission.unused(permits);
            counters.increment(Counter.RECEIVE_ERRORS);
            failures.warn("the queue does not answer, trying again: " + LimitedLog.reason(e));
            return false;
        }
        admission.unused(permits - arrivals.size());
        counters.add(Counter.RECEIVED, arrivals.size());
        arrivals.forEach(arrival -> take(arrival, consumer));
        stopped.await(pauseNs(arrivals.size(), permits), TimeUnit.NANOSECONDS);
        return true;
    }

    private long pauseNs(int arrived, int asked) {
        if (arrived == 0) {
            return settings.waitTime().isZero() ? PAUSE_BETWEEN_SHORT_POLLS_NS : 0;
        }
        return 2 * arrived < asked ? patienceNs.getAsLong() : 0;
    }

    /**
     * Passes a message on, or leaves one that is no request, or whose result nobody may be told, to
     * the queue's redrive policy. Whatever one message throws is nothing to those beside it.
     */
    private void take(ReceiveCall.Arrival arrival, Consumer<Message> consumer) {
        Delivery delivery = arrival.delivery();
        Message message;
        try {
            Request request = RequestParser.parse(arrival.body(), delivery.messageId(), callbacks);
            message = new Message(delivery, request, settlement);
        } catch (MalformedRequestException e) {
            refuse(delivery, Counter.MALFORMED, "is no request: " + e.getMessage());
            return;
        } catch (FailureException e) {
            refuse(
                    delivery,
                    Counter.REJECTED,
                    "is left to the queue's redrive policy: " + e.getMessage());
            return;
        } catch (RuntimeException | Error e) {
            refuse(delivery, Counter.MALFORMED, "is no request: " + LimitedLog.reason(e));
            return;
        }
        hand(message, consumer);
    }

    private void refuse(Delivery delivery, Counter counter, String why) {
        admission.unused(1);
        counters.increment(counter);
        refusals.warn("message " + delivery.messageId() + " " + why);
    }

    private void hand(Message message, Consumer<Message> consumer) {
        try {
            long textBytes = message.request().textBytes();
            if (textBytes > LARGE_TEXT_BYTES) {
                message.held().texts(textBytes, admission);
            }
            keeper.track(message);
            consumer.accept(message);
        } catch (RuntimeException | Error e) {
            failures.warn(
                    "message %s was not taken: %s"
                            .formatted(message.request().id(), LimitedLog.reason(e)));
            counters.again(NOT_TAKEN.kind());
            message.settle(Outcome.Retry.backedOff(message, NOT_TAKEN));
        }
    }
}
