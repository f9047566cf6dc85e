package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** A queue of verdicts, read and held against the objects that were uploaded. */
public final class MotoVerdicts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SqsClient client;
    private final String url;

    /** Bytes of what was uploaded, by the URL that its verdict has. */
    private final Map<String, Integer> uploaded = new LinkedHashMap<>();

    private final Map<String, List<JsonNode>> results = new HashMap<>();

    /**
     * @param client which its maker closes
     */
    MotoVerdicts(SqsClient client, String url) {
        this.client = client;
        this.url = url;
    }

    String url() {
        return url;
    }

    void expect(String object, int bytes) {
        uploaded.put(object, bytes);
    }

    int expected() {
        return uploaded.size();
    }

    /** Waits until so many different objects have a verdict or an error. */
    public void await(int objects, int seconds, Supplier<String> log) throws InterruptedException {
        Loopback.awaitUntil(
                () -> {
                    read();
                    return results.size() >= objects;
                },
                seconds,
                () -> results.size() + " of " + objects + " results came:\n" + log.get());
    }

    private void read() {
        List<Message> some;
        do {
            some =
                    client.receiveMessage(
                                    request ->
                                            request.queueUrl(url)
                                                    .maxNumberOfMessages(10)
                                                    .waitTimeSeconds(0))
                            .messages();
            for (Message message : some) {
                JsonNode result = parsed(message.body());
                Contract.requireResult(result);
                results.computeIfAbsent(result.path("url").asText(), _ -> new ArrayList<>())
                        .add(result);
                client.deleteMessage(
                        request -> request.queueUrl(url).receiptHandle(message.receiptHandle()));
            }
        } while (!some.isEmpty());
    }

    private static JsonNode parsed(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new AssertionError(body, e);
        }
    }

    private Set<String> without() {
        read();
        Set<String> left = new TreeSet<>(uploaded.keySet());
        results.forEach(
                (url, all) -> {
                    if (all.stream().allMatch(result -> isVerdict(url, result))) {
                        left.remove(url);
                    }
                });
        return left;
    }

    /** A verdict, and of the object's own bytes. */
    private boolean isVerdict(String url, JsonNode result) {
        return result.path("status").asText().equals("ok")
                && result.at("/image/bytes").asInt() == uploaded.getOrDefault(url, -1);
    }

    /** Objects without a verdict. */
    public int lost() {
        return without().size();
    }

    /** Which those are, and what was said of them instead. */
    public String missing() {
        StringBuilder lines = new StringBuilder();
        without()
                .forEach(
                        url -> lines.append(url).append(' ').append(results.get(url)).append('\n'));
        return lines.toString();
    }

    /** Results beyond one for each object. */
    public int duplicates() {
        read();
        return results.values().stream().mapToInt(all -> all.size() - 1).sum();
    }

    /** Results with an error of this kind. */
    public long errors(String kind) {
        return results.values().stream()
                .flatMap(List::stream)
                .filter(result -> result.at("/error/kind").asText().equals(kind))
                .count();
    }
}
