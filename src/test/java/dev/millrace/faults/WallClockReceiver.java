package dev.millrace.faults;

import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The control of row 17: takes ten messages and keeps them hidden, as a worker does, but by the
 * wall clock. Runs until it is killed.
 */
final class WallClockReceiver {
    private static final int VISIBILITY_SECONDS = 10;
    private static final long BEAT_MS = VISIBILITY_SECONDS * 1000 / 3;

    private WallClockReceiver() {}

    public static void main(String[] arguments) throws InterruptedException {
        String url = arguments[0];
        try (SqsClient client = SqsClients.create(QueueSettings.of(url))) {
            List<Message> messages =
                    client.receiveMessage(
                                    request ->
                                            request.queueUrl(url)
                                                    .maxNumberOfMessages(10)
                                                    .visibilityTimeout(VISIBILITY_SECONDS))
                            .messages();
            Map<Message, Long> dueMs = new HashMap<>();
            messages.forEach(message -> dueMs.put(message, now() + BEAT_MS));
            System.out.println("holds " + messages.size());
            while (true) {
                dueMs.replaceAll((message, due) -> beat(client, url, message, due));
                Thread.sleep(100);
            }
        }
    }

    private static long beat(SqsClient client, String url, Message message, long dueMs) {
        if (now() < dueMs) {
            return dueMs;
        }
        client.changeMessageVisibility(
                request ->
                        request.queueUrl(url)
                                .receiptHandle(message.receiptHandle())
                                .visibilityTimeout(VISIBILITY_SECONDS));
        return now() + BEAT_MS;
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
