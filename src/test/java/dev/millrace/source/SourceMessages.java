package dev.millrace.source;

import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;

/** Messages whose receipt and time of receipt matter. */
final class SourceMessages {
    private SourceMessages() {}

    static Message of(String receipt, long receivedNs, Settlement settlement) {
        return new Message(
                new Delivery("message", receipt, 1, 0, receivedNs),
                new Request(
                        receipt,
                        "http://images.test/a.jpg",
                        List.of("safety"),
                        new Destination.Callback(HttpUrl.get("http://sink.test/")),
                        Optional.empty()),
                settlement);
    }
}
