package dev.millrace.source;

import dev.millrace.job.DropReason;
import dev.millrace.job.Request;
import dev.millrace.job.TraceParent;
import java.util.List;
import java.util.Optional;

/**
 * What the body of a message asks for.
 *
 * @param requests one for each image; several have ids of their own
 * @param dropped for each event in it that asks for none, why; never empty where there is no
 *     request
 * @param sender where in a trace it was sent, where the body says so
 */
public record Contents(
        List<Request> requests, List<DropReason> dropped, Optional<TraceParent> sender) {
    public Contents {
        requests = List.copyOf(requests);
        dropped = List.copyOf(dropped);
    }

    Contents(List<Request> requests, List<DropReason> dropped) {
        this(requests, dropped, Optional.empty());
    }

    /** The same, sent from there unless something within says another place. */
    Contents from(Optional<TraceParent> place) {
        return sender.isPresent() ? this : new Contents(requests, dropped, place);
    }

    static Contents of(Request request) {
        return new Contents(List.of(request), List.of());
    }

    static Contents nothing(DropReason why) {
        return new Contents(List.of(), List.of(why));
    }
}
