package dev.millrace.worker;

import dev.millrace.deliver.CallbackClient;
import dev.millrace.deliver.MessageDeduplicator;
import dev.millrace.fetch.Fetcher;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Settlement;
import dev.millrace.quarantine.Quarantine;
import dev.millrace.source.Acknowledger;
import java.util.concurrent.TimeUnit;

/**
 * Begins the work on each message that the queue gives, and sees its end. Of several copies of a
 * message one is worked on at a time, and what has a result already is not computed again.
 * Thread-safe.
 */
final class Arrivals implements Settlement {
    private final MessageDeduplicator duplicates;
    private final Quarantine quarantine;
    private final CallbackClient callbacks;
    private final Fetcher fetcher;
    private final Acknowledger acknowledger;
    private final Counters counters;

    Arrivals(
            MessageDeduplicator duplicates,
            Quarantine quarantine,
            CallbackClient callbacks,
            Fetcher fetcher,
            Acknowledger acknowledger,
            Counters counters) {
        this.duplicates = duplicates;
        this.quarantine = quarantine;
        this.callbacks = callbacks;
        this.fetcher = fetcher;
        this.acknowledger = acknowledger;
        this.counters = counters;
    }

    void accept(Message message) {
        // By the wall clock, which the queue's time is of; no decision is made by it.
        message.delivery()
                .queuedMs(System.currentTimeMillis())
                .ifPresent(ms -> counters.ages().add(TimeUnit.MILLISECONDS.toNanos(ms)));
        if (duplicates.begin(message)) {
            work(message);
        }
    }

    @Override
    public void settled(Message message, Outcome outcome) {
        quarantine.settled(message, outcome);
        acknowledger.settled(message, outcome);
        duplicates.settled(message).ifPresent(this::work);
    }

    @Override
    public void imageSettled(Message image, Outcome outcome) {
        quarantine.settled(image, outcome);
        if (outcome instanceof Outcome.Delivered) {
            duplicates.delivered(image);
        }
        duplicates.settled(image).ifPresent(this::work);
    }

    private void work(Message message) {
        if (duplicates.wasDelivered(message)) {
            message.settle(new Outcome.Delivered());
        } else if (!callbacks.repeat(message)) {
            fetcher.accept(message);
        }
    }
}
