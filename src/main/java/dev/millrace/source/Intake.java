package dev.millrace.source;

import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Delivery;
import dev.millrace.job.DropReason;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.LastErrors;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import dev.millrace.job.Shipment;
import dev.millrace.job.Stage;
import dev.millrace.job.Tracing;
import dev.millrace.job.WaitingImages;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes messages of what polls bring and hands them on; what asks for no image, or for something
 * that cannot be, ends here. Called by the threads of polls.
 */
final class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(SqsSource.class);

    private static final Failure NOT_TAKEN =
            new Failure(
                    Failure.Kind.FETCH_FAILED,
                    Stage.RECEIVE,
                    "the worker could not take the message; the worker will try again");

    /** What all permits together may hold of smaller ones is of no weight. */
    private static final int LARGE_TEXT_BYTES = 4 << 10;

    private final ContentsReader reader;
    private final Admission admission;
    private final VisibilityKeeper keeper;
    private final Settlement settlement;
    private final Tracing tracing;
    private final Counters counters;
    private final LimitedLog failures = new LimitedLog(LOG);
    private final LimitedLog refusals = new LimitedLog(LOG);
    private final LimitedLog drops = new LimitedLog(LOG);
    private final WaitingImages waiting;
    private volatile Consumer<Message> consumer;

    Intake(
            ContentsReader reader,
            Admission admission,
            VisibilityKeeper keeper,
            Settlement settlement,
            Tracing tracing,
            Counters counters) {
        this.reader = reader;
        this.admission = admission;
        this.keeper = keeper;
        this.settlement = settlement;
        this.tracing = tracing;
        this.counters = counters;
        this.waiting = new WaitingImages(admission, this::hand);
    }

    /** Says who owns each message from then on; before anything is taken. */
    void handTo(Consumer<Message> messages) {
        consumer = messages;
    }

    /** Says what was held back of lines that repeat. */
    void flushLogs() {
        refusals.flush();
        drops.flush();
    }

    /**
     * Passes a message on, or leaves one that is no request, or whose result nobody may be told, to
     * the queue's redrive policy. Whatever one message throws is nothing to those beside it.
     *
     * @return how many images it has
     */
    int take(ReceiveCall.Arrival arrival) {
        Delivery delivery = arrival.delivery().within(tracing.begin(arrival.sender()));
        Contents contents;
        try {
            contents = reader.read(arrival.body(), delivery.messageId());
        } catch (MalformedRequestException e) {
            return refuse(delivery, Optional.empty(), e.getMessage());
        } catch (FailureException e) {
            return refuse(delivery, Optional.of(e.failure().kind()), e.getMessage());
        } catch (RuntimeException | Error e) {
            return refuse(delivery, Optional.empty(), LimitedLog.reason(e));
        }
        if (arrival.sender().isEmpty() && contents.sender().isPresent()) {
            delivery = delivery.within(tracing.begin(contents.sender()));
        }
        contents.dropped().forEach(counters::dropped);
        switch (contents.requests().size()) {
            case 0 -> drop(delivery, contents.dropped().getFirst());
            case 1 -> handWhole(new Message(delivery, contents.requests().getFirst(), settlement));
            default -> hand(delivery, contents.requests());
        }
        return contents.requests().size();
    }

    /** Says how many images there are of it: none. */
    private int refuse(Delivery delivery, Optional<Failure.Kind> kind, String why) {
        admission.unused(1);
        counters.increment(kind.isEmpty() ? Counter.MALFORMED : Counter.REJECTED);
        if (kind.isEmpty()) {
            counters.lastErrors().note(LastErrors.MALFORMED, "", why);
        }
        String what = kind.isEmpty() ? "is not a request" : "is left to the queue's redrive policy";
        refusals.warn("message " + delivery.messageId() + " " + what + ": " + why);
        settlement.refused(delivery, kind, why);
        return 0;
    }

    /** Has the queue delete a message that asks for no image. */
    private void drop(Delivery delivery, DropReason reason) {
        drops.warn(
                "message %s asks for no image and is deleted: %s"
                        .formatted(delivery.messageId(), reason.sentence()));
        Message nothing = Message.empty(delivery, settlement);
        keeper.track(nothing);
        nothing.settle(new Outcome.Dropped(reason));
    }

    private void hand(Delivery delivery, List<Request> requests) {
        Shipment several = new Shipment(delivery, requests, settlement, waiting);
        count(several.whole(), requests.stream().mapToLong(Request::textBytes).sum());
        keeper.track(several.whole());
        several.start();
    }

    private void handWhole(Message message) {
        count(message, message.request().textBytes());
        keeper.track(message);
        hand(message);
    }

    private void count(Message message, long textBytes) {
        if (textBytes > LARGE_TEXT_BYTES) {
            message.usage().texts(textBytes, admission);
        }
    }

    private void hand(Message message) {
        try {
            consumer.accept(message);
        } catch (RuntimeException | Error e) {
            failures.warn(
                    "message %s was not taken: %s".formatted(message.id(), LimitedLog.reason(e)));
            counters.again(NOT_TAKEN.kind(), "", LimitedLog.reason(e));
            message.settle(Outcome.Retry.backedOff(message, NOT_TAKEN));
        }
    }
}
