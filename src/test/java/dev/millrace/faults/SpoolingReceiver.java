package dev.millrace.faults;

import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The control of row 18: writes each message to a file, deletes it from the queue, and posts it
 * from the file. Ends at the first failure.
 */
final class SpoolingReceiver {
    private static final int LINE = 1024;

    private SpoolingReceiver() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String url = arguments[0];
        URI sink = URI.create(arguments[1]);
        try (SqsClient client = SqsClients.create(QueueSettings.of(url));
                HttpClient http = HttpClient.newHttpClient();
                OutputStream spool = Files.newOutputStream(Path.of(arguments[2]))) {
            while (true) {
                List<Message> messages =
                        client.receiveMessage(
                                        request -> request.queueUrl(url).maxNumberOfMessages(10))
                                .messages();
                for (Message message : messages) {
                    client.deleteMessage(
                            request ->
                                    request.queueUrl(url).receiptHandle(message.receiptHandle()));
                    spool.write(message.body().concat(" ".repeat(LINE)).getBytes());
                    post(http, sink, message.body());
                }
            }
        }
    }

    private static void post(HttpClient http, URI sink, String body)
            throws IOException, InterruptedException {
        http.send(
                HttpRequest.newBuilder(sink)
                        .header("webhook-id", "none")
                        .header("webhook-timestamp", "0")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }
}
