package dev.millrace.source;

import dev.millrace.job.DropReason;
import dev.millrace.job.Request;
import java.util.List;

/**
 * What the body of a message asks for.
 *
 * @param requests one for each image; several have ids of their own
 * @param dropped for each event in it that asks for none, why; never empty where there is no
 *     request
 */
public record Contents(List<Request> requests, List<DropReason> dropped) {
    public Contents {
        requests = List.copyOf(requests);
        dropped = List.copyOf(dropped);
    }

    static Contents of(Request request) {
        return new Contents(List.of(request), List.of());
    }

    static Contents nothing(DropReason why) {
        return new Contents(List.of(), List.of(why));
    }
}
