package dev.millrace.testing;

import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;

/** Messages for tests that do not care where they come from. */
public final class Messages {
    private Messages() {}

    public static Message of(
            String url, List<String> tasks, String callback, Settlement settlement) {
        return new Message(
                new Delivery(
                        "message", "receipt", 1, System.currentTimeMillis(), System.nanoTime()),
                new Request(
                        "id",
                        url,
                        tasks,
                        new Destination.Callback(HttpUrl.get(callback)),
                        Optional.empty()),
                settlement);
    }

    public static Message of(String... tasks) {
        return of(
                "http://images.test/a.jpg",
                List.of(tasks),
                "http://sink.test/",
                (message, outcome) -> {});
    }
}
