package dev.millrace.source;

import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import dev.millrace.job.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * Receives messages, as many as {@link Admission} permits, on the threads {@code receive-0} and so
 * on. A receiver never ends because of the queue: it pauses and asks again.
 */
public final class SqsSource {
    private static final Logger LOG = LoggerFactory.getLogger(SqsSource.class);

    /** Messages per call at most. */
    private static final int BATCH = 10;

    private static final MessageSystemAttributeName RECEIVE_COUNT =
            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT;
    private static final MessageSystemAttributeName SENT_AT =
            MessageSystemAttributeName.SENT_TIMESTAMP;

    private static final long PAUSE_BETWEEN_SHORT_POLLS_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SqsClient client;
    private final QueueSettings settings;
    private final Admission admission;
    private final VisibilityKeeper keeper;
    private final Settlement settlement;
    private final Counters counters;
    private final List<Thread> receivers = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final LimitedLog failures = new LimitedLog(LOG);
    private final LimitedLog malformed = new LimitedLog(LOG);

    /**
     * @param settlement takes the outcomes of the messages
     */
    public SqsSource(
            SqsClient client,
            QueueSettings settings,
            Admission admission,
            VisibilityKeeper keeper,
            Settlement settlement,
            Counters counters) {
        this.client = client;
        this.settings = settings;
        this.admission = admission;
        this.keeper = keeper;
        this.settlement = settlement;
        this.counters = counters;
    }

    /**
     * Starts to receive.
     *
     * @param consumer owns each message from then on; called by several threads
     */
    public void start(Consumer<Message> consumer) {
        for (int i = 0; i < settings.receivers(); i++) {
            receivers.add(
                    Thread.ofPlatform()
                            .name("receive-" + i)
                            .daemon()
                            .start(() -> receive(consumer)));
        }
    }

    /**
     * Ends admission and with it the polls. A running one ends in its own time, and what it brings
     * is still handed on.
     */
    public void stop() {
        stopped.countDown();
        admission.close();
    }

    /** Waits until no poll runs; says whether that is so. */
    public boolean awaitStopped(Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        for (Thread receiver : receivers) {
            long leftNs = deadlineNs - System.nanoTime();
            if (!receiver.join(Duration.ofNanos(Math.max(0, leftNs)))) {
                return false;
            }
        }
        return true;
    }

    private void receive(Consumer<Message> consumer) {
        int failed = 0;
        try {
            int permits = admission.acquire(BATCH);
            while (permits > 0 && stopped.getCount() > 0) {
                boolean answered = poll(permits, consumer);
                failed = answered ? 0 : failed + 1;
                if (failed > 0) {
                    stopped.await(Backoff.delayNs(failed), TimeUnit.NANOSECONDS);
                }
                permits = admission.acquire(BATCH);
            }
            admission.unused(permits);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says whether the queue answered. */
    private boolean poll(int permits, Consumer<Message> consumer) throws InterruptedException {
        List<software.amazon.awssdk.services.sqs.model.Message> received;
        try {
            received = ask(permits);
        } catch (RuntimeException e) {
            admission.unused(permits);
            counters.increment(Counter.RECEIVE_ERRORS);
            failures.warn("the queue does not answer, trying again: " + LimitedLog.reason(e));
            return false;
        }
        // The lease began on the server just before the response left it. The start of the call
        // would be safer, but lies a whole long poll back and could be older than the lease.
        long receivedNs = System.nanoTime();
        admission.unused(permits - received.size());
        counters.add(Counter.RECEIVED, received.size());
        for (var message : received) {
            take(message, receivedNs, consumer);
        }
        if (received.isEmpty() && settings.waitTime().isZero()) {
            stopped.await(PAUSE_BETWEEN_SHORT_POLLS_NS, TimeUnit.NANOSECONDS);
        }
        return true;
    }

    private List<software.amazon.awssdk.services.sqs.model.Message> ask(int most) {
        return client.receiveMessage(
                        request ->
                                request.queueUrl(settings.url())
                                        .maxNumberOfMessages(most)
                                        .waitTimeSeconds((int) settings.waitTime().toSeconds())
                                        .visibilityTimeout(settings.visibilitySeconds())
                                        .messageSystemAttributeNames(RECEIVE_COUNT, SENT_AT))
                .messages();
    }

    /** Passes a message on, or leaves one that is no request to the queue's redrive policy. */
    private void take(
            software.amazon.awssdk.services.sqs.model.Message received,
            long receivedNs,
            Consumer<Message> consumer) {
        Request request;
        try {
            request = RequestParser.parse(received.body(), received.messageId());
        } catch (MalformedRequestException e) {
            admission.unused(1);
            counters.increment(Counter.MALFORMED);
            malformed.warn("message " + received.messageId() + " is no request: " + e.getMessage());
            return;
        }
        Message message = new Message(delivery(received, receivedNs), request, settlement);
        keeper.track(message);
        try {
            consumer.accept(message);
        } catch (RuntimeException e) {
            failures.warn("message " + request.id() + " was not taken: " + LimitedLog.reason(e));
            message.settle(
                    Outcome.Retry.backedOff(
                            message,
                            new Failure(
                                    Failure.Kind.FETCH_FAILED,
                                    Stage.RECEIVE,
                                    "the worker could not take the message; it tries again")));
        }
    }

    private static Delivery delivery(
            software.amazon.awssdk.services.sqs.model.Message received, long receivedNs) {
        return new Delivery(
                received.messageId(),
                received.receiptHandle(),
                Integer.parseInt(attribute(received, RECEIVE_COUNT, "1")),
                Long.parseLong(attribute(received, SENT_AT, "0")),
                receivedNs);
    }

    private static String attribute(
            software.amazon.awssdk.services.sqs.model.Message received,
            MessageSystemAttributeName name,
            String fallback) {
        return received.attributes().getOrDefault(name, fallback);
    }
}
