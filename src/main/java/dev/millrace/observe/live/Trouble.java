package dev.millrace.observe.live;

import dev.millrace.observe.FaultReason;
import dev.millrace.observe.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * How a worker is, in words: a name for programs, a title, and a sentence that says what is done
 * about it.
 */
record Trouble(String name, String title, String detail) {
    private static final Trouble STARTING =
            new Trouble(
                    "starting",
                    "Starting",
                    "The worker loads its models and asks the queue for nothing yet.");

    private static final Trouble DRAINING =
            new Trouble(
                    "draining",
                    "Draining",
                    "The worker takes no more messages, ends those that it has, and then ends itself.");

    private static final Trouble WORKING =
            new Trouble("working", "Working", "Messages are in hand, and nothing is in the way.");

    private static final Trouble IDLE =
            new Trouble("idle", "Idle", "No message is in hand; the worker waits for one.");

    /** While there is nothing but its life to tell of. */
    static Trouble of(Life life) {
        return switch (life) {
            case Life.Starting _, Life.Ready _ -> STARTING;
            case Life.Draining _ -> DRAINING;
            case Life.Faulted(FaultReason reason, String said) -> faulted(reason, said);
        };
    }

    /** How it is: the worst first, of which there is one at least. */
    static List<Trouble> all(Life life, Outside outside, Snapshot now, boolean idle) {
        List<Trouble> all = new ArrayList<>();
        if (!(life instanceof Life.Ready)) {
            all.add(of(life));
        }
        if (outside.queueFails()) {
            all.add(
                    new Trouble(
                            "queue_unreachable",
                            "The queue cannot be reached",
                            "The worker asks it again, with growing pauses; what it cannot delete comes back to the queue."));
        }
        if (outside.held() > 0) {
            all.add(callbacks(outside));
        }
        if (!outside.imageHosts().isEmpty()) {
            all.add(
                    new Trouble(
                            "image_host_down",
                            "An image host is down",
                            "No answer from %s; messages for it go back to the queue, with growing pauses."
                                    .formatted(names(outside.imageHosts()))));
        }
        if (outside.careful().isPositive()) {
            all.add(
                    new Trouble(
                            "careful",
                            "Careful after a crash",
                            "The worker before this one crashed, so each image is tried in a process of its own, and few messages are in flight, for a while."));
        }
        if (all.isEmpty()) {
            all.add(idle && now.inFlight() == 0 ? IDLE : WORKING);
        }
        return all;
    }

    private static Trouble callbacks(Outside outside) {
        String who =
                outside.callbackHosts().isEmpty()
                        ? "a host that is down"
                        : names(outside.callbackHosts()) + ", which cannot be reached";
        return new Trouble(
                "callback_host_down",
                "A callback host is down",
                "%s for %s; the messages are held and spend no receives."
                        .formatted(
                                outside.held() == 1
                                        ? "1 result waits"
                                        : outside.held() + " results wait",
                                who));
    }

    private static String names(List<String> hosts) {
        return String.join(", ", hosts.stream().map(Shown::host).toList());
    }

    private static Trouble faulted(FaultReason reason, String said) {
        String why =
                switch (reason) {
                    case DEVICE_LOST -> "Its device failed";
                    case BATCH_OVERDUE -> "A batch was not done in time";
                    case OUTPUT_CLOSED -> "Nobody reads its results";
                    case THREAD_FAILED -> "A thread of it ended, or stands still";
                };
        return new Trouble(
                "faulted",
                "The worker cannot go on",
                "%s (%s). It gives its messages back to the queue and ends."
                        .formatted(why, Shown.line(said)));
    }
}
