package dev.millrace.worker;

import dev.millrace.config.SuspectTrials;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerConfig.Fetch;
import dev.millrace.job.Outcome;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The configuration of a worker as its queue lets it be kept: where the two do not fit, the
 * worker's own limits are changed and a sentence says so. Nothing of the queue is changed. A worker
 * works by it, and {@code doctor} says the same.
 *
 * @param config adapted to the queue
 * @param misfits a sentence for each: what does not fit, what the worker does, what to change
 */
public record QueueFit(WorkerConfig config, List<String> misfits) {
    /** A crash of a worker spends one of each message that it has in flight. */
    private static final int FEW_RECEIVES = 5;

    public QueueFit {
        misfits = List.copyOf(misfits);
    }

    /** Where the queue does not say what it is like, the configuration holds as it is. */
    static QueueFit unknown(WorkerConfig config) {
        return new QueueFit(config, List.of());
    }

    /** Compares a configuration with what its queue says of itself. */
    public static QueueFit of(WorkerConfig config, QueueStatus queue) {
        List<String> misfits = new ArrayList<>();
        if (queue.maxReceiveCount().isEmpty()) {
            misfits.add(noDeadLetters(queue));
        } else if (queue.maxReceiveCount().getAsInt() < FEW_RECEIVES) {
            misfits.add(
                    "the queue's maxReceiveCount is %d, and a crash of a worker spends a receive of each message that it has; set maxReceiveCount to %d or more"
                            .formatted(queue.maxReceiveCount().getAsInt(), FEW_RECEIVES));
        }
        Fetch fetch = fetch(config.fetch(), queue, misfits);
        SuspectTrials trials = trials(config, queue, misfits);
        Duration visibility = visibility(config.queue().visibility(), queue, misfits);
        WorkerConfig fitting =
                config.with(
                        draft -> {
                            draft.fetch = fetch;
                            draft.quarantine = trials;
                            draft.queue = polling(config.queue(), queue).withVisibility(visibility);
                        });
        return new QueueFit(fitting, misfits);
    }

    /** The answers to all polls are to fit the heap, however large messages may be. */
    private static QueueSettings polling(QueueSettings settings, QueueStatus queue) {
        return queue.maxMessageBytes().map(settings::forMessagesOf).orElse(settings);
    }

    private static String noDeadLetters(QueueStatus queue) {
        return "the queue has no dead letter queue, so a message that is no request, or whose result nobody takes, comes back until it expires%s and is lost; give the queue one, with maxReceiveCount %d or more"
                .formatted(
                        queue.retention().map(time -> " after " + text(time)).orElse(""),
                        FEW_RECEIVES);
    }

    /** A failure is reported at a receive that happens. */
    private static Fetch fetch(Fetch fetch, QueueStatus queue, List<String> misfits) {
        int receives = fetch.maxReceives();
        int most = queue.maxReceiveCount().orElse(Integer.MAX_VALUE);
        if (most < receives) {
            misfits.add(
                    "fetch.maxReceives: %d is more than the queue's maxReceiveCount (%d), so a message whose image cannot be had would go to the dead letter queue without an answer; this worker answers at receive %2$d; raise maxReceiveCount, or set fetch.maxReceives to %2$d or less"
                            .formatted(receives, most));
            receives = most;
        }
        if (queue.retention().isPresent()) {
            int inTime = receivesWithin(queue.retention().get(), receives);
            if (inTime < receives) {
                misfits.add(
                        "fetch.maxReceives: %d receives with the pauses between them take longer than the queue keeps a message (%s), so one whose image cannot be had would expire without an answer; this worker answers at receive %d; raise the queue's message retention period, or set fetch.maxReceives to %3$d or less"
                                .formatted(receives, text(queue.retention().get()), inTime));
                receives = inTime;
            }
        }
        return new Fetch(
                fetch.limits(), fetch.ownHosts(), fetch.allowAddresses(), receives, fetch.s3());
    }

    /** How many receives of a message that fails again and again there are before it expires. */
    private static int receivesWithin(Duration retention, int most) {
        Duration passed = Duration.ZERO;
        int receives = 1;
        while (receives < most) {
            passed = passed.plus(Outcome.Retry.pauseAfter(receives));
            if (passed.compareTo(retention) >= 0) {
                return receives;
            }
            receives++;
        }
        return receives;
    }

    /**
     * An image that crashes workers is tried before its last receive is spent. Nothing is said
     * where a journal knows such images from their first crash on.
     */
    private static SuspectTrials trials(
            WorkerConfig config, QueueStatus queue, List<String> misfits) {
        SuspectTrials trials = config.quarantine();
        boolean journal = config.state().directory().isPresent();
        if (!journal && queue.maxReceiveCount().isEmpty() && trials.receives() == 0) {
            int receives = SuspectTrials.DEFAULT.receives();
            misfits.add(
                    "quarantine.receives: 0 and no state.directory, while the queue has no dead letter queue: an image that crashes native code would end one worker after another until its message expires; this worker first tries in a process of its own what was received more than %d times; set quarantine.receives to %1$d, or state.directory"
                            .formatted(receives));
            return trials.withReceives(receives);
        }
        int most = queue.maxReceiveCount().orElse(Integer.MAX_VALUE);
        int leavesOne = Math.max(most - 1, 1);
        if (trials.receives() < most || trials.receives() == 0) {
            return trials;
        }
        if (!journal) {
            misfits.add(
                    most == 1
                            ? "quarantine.receives: the queue's maxReceiveCount is 1, so an image that crashed a worker never comes back to be tried; set maxReceiveCount to %d or more"
                                    .formatted(FEW_RECEIVES)
                            : "quarantine.receives: %d leaves an image that crashes native code no receive to be tried in, since the queue's maxReceiveCount is %d; this worker tries it at receive %2$d; raise maxReceiveCount, or set quarantine.receives to %3$d or less"
                                    .formatted(trials.receives(), most, leavesOne));
        }
        return trials.withReceives(leavesOne);
    }

    /** What a worker had when it crashed comes back before it expires. */
    private static Duration visibility(
            Duration visibility, QueueStatus queue, List<String> misfits) {
        Duration most =
                queue.retention()
                        .map(time -> Duration.ofSeconds(Math.max(1, time.toSeconds() / 2)))
                        .orElse(visibility);
        if (visibility.compareTo(most) <= 0) {
            return visibility;
        }
        misfits.add(
                "queue.visibility: %s is more than half of the time for which the queue keeps a message (%s), so what a worker has when it crashes could expire before it is visible again; this worker hides messages for %s; raise the queue's message retention period, or lower queue.visibility"
                        .formatted(
                                text(visibility),
                                text(queue.retention().orElseThrow()),
                                text(most)));
        return most;
    }

    private static String text(Duration time) {
        return time.toDays() > 0 && time.equals(Duration.ofDays(time.toDays()))
                ? time.toDays() == 1 ? "1 day" : time.toDays() + " days"
                : time.toSeconds() + " s";
    }
}
